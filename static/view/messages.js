/** What the page says: a status line, which screen readers announce too, and failures. */
import { button, byId, make } from "../ground/dom.js";
import { percent, problemSentence, word } from "../ground/words.js";
import { state } from "../state/state.js";
import { attempt } from "../work/attempt.js";

/** Show how things stand, and a failure or none. */
export function showMessages() {
	const status = byId("status");
	if (status.textContent !== state.status) status.textContent = state.status;
	showProblem(state.problem ?? state.current?.problem ?? null, state.retry);
}

function showProblem(problem, retry) {
	const place = byId("failure");
	if (place.problem === problem) return; // it has been announced
	place.problem = problem;
	place.replaceChildren(...(problem ? problemText(problem) : []));
	if (retry) place.append(" ", button(word("try-again"), () => attempt(retry)));
	place.hidden = !problem;
	if (problem) place.scrollIntoView({ block: "nearest" });
}

/** A problem as the sentence of its FAQ entry, with a link to that. */
export function problemText({ code, retryAfter, id }) {
	const sentence = problemSentence(code);
	const wait = retryAfter ? ` ${word("wait", { seconds: retryAfter })}` : "";
	const number = code === "internal-error" && id ? ` (${id})` : "";
	return [`${sentence}.${number}${wait} `, make("a", { href: `#faq-${code}` }, word("what-can-i-do"))];
}

/** How sure a network is: `confidence` is 0 to 1, or null where it does not say. */
export function confidenceWords(confidence) {
	if (confidence === null) return word("does-not-say");
	const words = confidence > 0.75 ? "very-sure" : confidence > 0.6 ? "fairly-sure" : "not-sure";
	return `${word(words)} (${percent(confidence)})`;
}
