/** Long work on the service is asked after every now and then: open connections would hold its threads. */
import { isPassing } from "./attempt.js";

const EVERY_MS = 1500;

const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
const seen = () => new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));

/**
 * Ask until `isDone` says so of an answer, and return that one. Failures that pass are waited out. A page that
 * nobody sees does not ask, unless it was allowed to notify.
 */
export async function poll(ask, isDone) {
	for (;;) {
		const answer = await ask().catch((error) => {
			if (!isPassing(error)) throw error;
		});
		if (answer && isDone(answer)) return answer;
		await wait(EVERY_MS);
		if (document.hidden && !mayNotify()) await seen();
	}
}

/** Whether this browser shows notifications, unless the visitor has said no. */
export const canNotify = () => "Notification" in window && Notification.permission !== "denied";

/** Whether the visitor has said yes. */
export const mayNotify = () => canNotify() && Notification.permission === "granted";

/** Tell the visitor, who may look at something else by now. */
export const notify = (text) => document.hidden && mayNotify() && new Notification("Image Colorizer", { body: text });
