/** The drawer "My photos": what a visitor keeps on the service, and jobs under way. Loaded where it keeps any. */
import { button, byId, make, onClick, setChildren } from "../ground/dom.js";
import { clock, moment, word } from "../ground/words.js";
import { changed, onChange, state, takes } from "../state/state.js";
import { attempt } from "../work/attempt.js";
import { canNotify, mayNotify } from "../work/poll.js";
import { canStore, dropJob, forJob, hasEnded, lookUp, openStored, recallJobs, sendJob, shelf, store, takeOff } from "../work/shelf.js";

const drawer = byId("drawer");
const rows = new WeakMap();

/** Make the drawer and its buttons work. */
export function startShelf() {
	onClick("my-photos", open);
	onClick("drawer-close", () => drawer.close());
	onClick("store", () => attempt(store));
	onClick("send-job", () => attempt(sendJob).then(() => state.problem ?? open()));
	onClick("more", () => act(() => lookUp(shelf.next)));
	onClick("take-off", () => act(() => takeOff()));
	onClick("notify-me", () => Notification.requestPermission().then(changed));
	onChange(showShelf);
	recallJobs();
	showShelf();
}

function open() {
	drawer.showModal();
	act(() => lookUp());
}

/** Do something that may fail; what the page says about it lies behind the drawer. */
async function act(work) {
	await attempt(work);
	if (state.problem) drawer.close();
}

function showShelf() {
	const { current, run, status } = state;
	byId("shelf").hidden = false;
	byId("store").hidden = current?.state !== "done" || current.film || run;
	byId("store").disabled = !current || !canStore(current);
	byId("cannot-store").hidden = byId("store").hidden || canStore(current);
	byId("send-job").hidden = !takes("jobs") || run || forJob().length < 2;
	byId("notify-me").hidden = !canNotify() || mayNotify() || shelf.jobs.every(hasEnded);
	byId("drawer-status").textContent = status;
	byId("nothing").hidden = shelf.images.length || shelf.jobs.length;
	byId("more").hidden = !shelf.next;
	byId("take-off").hidden = !shelf.images.length;
	shelf.jobs.forEach((job) => updateJob(rowOf(job, jobRow), job));
	setChildren(byId("jobs"), shelf.jobs.map((job) => rows.get(job)));
	setChildren(byId("stored"), shelf.images.map((image) => rowOf(image, imageRow)));
}

function rowOf(thing, newRow) {
	if (!rows.has(thing)) rows.set(thing, newRow(thing));
	return rows.get(thing);
}

function imageRow(image) {
	const { name, links, expires } = image;
	const look = links.thumbnail ? [make("img", { src: links.thumbnail, alt: "" })] : [];
	const opened = button("", () => act(() => openStored(image)).then(() => drawer.close()), { className: "open" });
	opened.append(...look, name);
	const remove = { className: "quiet", ariaLabel: word("delete", { name }) };
	const until = make("span", { className: "state" }, word("until", { when: moment(expires) }));
	return make("li", {}, opened, until, button("×", () => act(() => takeOff(image)), remove));
}

const jobRow = (job) =>
	make(
		"li",
		{},
		make("span"),
		make("progress", { ariaLabel: word("job") }),
		make("a", { download: "" }, word("zip")),
		button("×", () => act(() => dropJob(job)), { className: "quiet", ariaLabel: word("drop-job") }),
	);

function updateJob({ children: [text, bar, zip] }, { state: stage, progress, links }) {
	const { done = 0, of = 1, seconds_left: seconds } = progress;
	const left = seconds ? ` ${word("left", { time: clock(seconds) })}` : "";
	text.textContent = word(STAGES[stage], { done, all: of }) + left;
	Object.assign(bar, { value: done, max: of, hidden: hasEnded({ state: stage }) });
	zip.hidden = stage !== "done";
	zip.href = links?.result ?? "";
}

const STAGES = {
	queued: "job-queued",
	running: "job-running",
	done: "job-done",
	failed: "state-failed",
	cancelled: "stopped",
};
