/** What the page says: a status line, which screen readers announce too, and failures. */
import { byId, make } from "./dom.js";

/** Tell how things stand. */
export const say = (text) => (byId("status").textContent = text);

/** Show a failure, or none. */
export function showProblem(problem) {
	const place = byId("failure");
	if (place.problem === problem) return; // it has been announced
	place.problem = problem;
	place.replaceChildren(...(problem ? problemText(problem) : []));
	place.hidden = !problem;
}

/** A problem as a sentence, its own or the FAQ's, with a link to the FAQ entry that explains it. */
export function problemText({ code, message, retryAfter }) {
	const sentence = message || `${byId(`faq-${code}`)?.closest("details").firstChild.textContent}.`;
	const wait = retryAfter ? ` Please try again in ${retryAfter} s.` : "";
	return [`${sentence}${wait} `, make("a", { href: `#faq-${code}` }, "What can I do?")];
}

/** How sure a network is: `confidence` is 0 to 1, or null where it does not say. */
export function confidenceWords(confidence) {
	if (confidence === null) return "It does not say how sure it is";
	const words = confidence > 0.75 ? "Very sure" : confidence > 0.6 ? "Fairly sure" : "Not very sure";
	return `${words} (${Math.round(100 * confidence)} %)`;
}
