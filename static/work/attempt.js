/** Work that may fail: a failure is shown, the page stays usable, and what may work later can be tried again. */
import { Problem } from "../service/api.js";
import { changed, say, state } from "../state/state.js";

const PASSING = ["offline", "bad-reply", "busy", "not-ready", "too-many-requests", "too-slow", "internal-error"];

/** Whether a failure may be over soon. */
export const isPassing = ({ code }) => PASSING.includes(code);

/** Do something that may fail. */
export async function attempt(work) {
	Object.assign(state, { problem: null, retry: null });
	try {
		const working = work();
		changed();
		await working;
	} catch (error) {
		if (error.name !== "AbortError") fail(error, work);
	} finally {
		changed();
	}
}

function fail(error, work) {
	const known = error instanceof Problem;
	if (!known) console.error(error);
	state.problem = known ? error : new Problem("internal-error");
	state.retry = isPassing(state.problem) ? work : null;
	say("");
}
