/** Keys that work everywhere on the page: undo, redo, and Esc, which leaves one thing at a time. */
import { changed, state } from "../state/state.js";
import { bringBack, stopCorrecting, takeBack } from "../work/correct.js";
import { use } from "./corrections.js";

/** Listen to them. */
export const startKeys = () => addEventListener("keydown", act);

function act(event) {
	const key = event.key.toLowerCase();
	const control = (event.ctrlKey || event.metaKey) && !event.altKey;
	if (event.target.matches("input:not([type=range], [type=checkbox], [type=color])") || !state.current) return;
	if (control && (key === "y" || (key === "z" && event.shiftKey))) bringBack();
	else if (control && key === "z") takeBack();
	else if (key === "escape" && state.tool) leave();
	else return;
	event.preventDefault();
}

function leave() {
	if (state.tool !== "spot") return use("spot");
	if (state.selected === null) return stopCorrecting();
	state.selected = null;
	changed();
}
