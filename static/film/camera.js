/** A clip recorded with the visitor's camera, which then goes the way of every film. */
import { byId, onClick } from "../ground/dom.js";
import { word } from "../ground/words.js";
import { Problem } from "../service/api.js";
import { state } from "../state/state.js";
import { attempt } from "../work/attempt.js";
import { addFiles } from "../work/photos.js";

const dialog = byId("camera");
const shutter = byId("shutter");

/** Offer it where this browser can record. */
export function startCamera() {
	byId("clip").hidden = !navigator.mediaDevices || !window.MediaRecorder;
	onClick("clip", () => attempt(open));
	onClick("camera-close", () => dialog.close());
}

async function open() {
	const stream = await streamOf({ audio: true }).catch(() => streamOf({})).catch(() => {
		throw new Problem("no-camera");
	});
	const recorder = newRecorder(stream);
	byId("camera-view").srcObject = stream;
	shutter.textContent = word("record");
	shutter.onclick = () => press(recorder);
	dialog.onclose = () => {
		recorder.onstop = null; // what was recorded is not wanted
		stream.getTracks().forEach((track) => track.stop());
	};
	dialog.showModal();
}

const streamOf = (sound) => navigator.mediaDevices.getUserMedia({ video: true, ...sound });

function newRecorder(stream) {
	const recorder = new MediaRecorder(stream);
	const pieces = [];
	recorder.ondataavailable = ({ data }) => pieces.push(data);
	recorder.onstop = () => {
		const [type, suffix] = /video\/(?:x-)?(\w+)/.exec(recorder.mimeType);
		attempt(() => addFiles([new File(pieces, `clip.${suffix}`, { type })]));
		dialog.close();
	};
	return recorder;
}

/** The first press begins, the next one ends, and so does the longest time that the service takes. */
function press(recorder) {
	if (recorder.state === "recording") return recorder.stop();
	recorder.start();
	shutter.textContent = word("stop-recording");
	setTimeout(() => recorder.state === "recording" && recorder.stop(), 1000 * state.limits.max_film_seconds);
}
