/** Results to show to others: the share sheet, the clipboard, a picture of before and after, a short film. */
import { word } from "../ground/words.js";
import { contextOf, decode, fileOfCanvas } from "../photo/drawing.js";
import { fileOf } from "./save.js";

const PICTURE_SIDE = 2048; // of each half, at most
const FILM_SIDE = 1280;
const FILM_MS = 4000;
const FRAMES_A_SECOND = 30;
const GAP = 8;

/** Whether this browser has a share sheet for photos, as phones do. */
export const canShare = () =>
	Boolean(navigator.canShare?.({ files: [new File([""], "photo.jpg", { type: "image/jpeg" })] }));

/** Whether this browser can make films. */
export const canFilm = () => Boolean(window.MediaRecorder?.isTypeSupported("video/webm"));

/** Open the share sheet; closing it without sharing is no failure. */
export const share = (file) => navigator.share({ files: [file] }).catch(() => {});

/** Copy a result; clipboards take pictures as png only. */
export const copy = (photo, marked) =>
	navigator.clipboard.write([new ClipboardItem({ "image/png": pngOf(photo, marked) })]);

async function pngOf(photo, marked) {
	const { after } = await bothOf(photo);
	const context = contextOf(after.width, after.height);
	context.drawImage(after, 0, 0);
	if (marked) mark(context);
	return fileOfCanvas(context, "image/png");
}

/** Before and after in one picture: side by side, or above each other where the photo is wide. */
export async function comparison(photo, marked) {
	const { before, after } = await bothOf(photo);
	const { width, height } = fitted(after, PICTURE_SIDE);
	const across = width <= height;
	const context = across ? contextOf(2 * width + GAP, height) : contextOf(width, 2 * height + GAP);
	context.fillStyle = "white";
	context.fillRect(0, 0, context.canvas.width, context.canvas.height);
	context.drawImage(before, 0, 0, width, height);
	context.drawImage(after, across ? width + GAP : 0, across ? 0 : height + GAP, width, height);
	if (marked) mark(context);
	return new File([await fileOfCanvas(context, "image/jpeg")], `${stemOf(photo)}-before-after.jpg`);
}

/** A short film in which the colours wash over the photo and back. */
export async function film(photo, marked) {
	const { before, after } = await bothOf(photo);
	const { width, height } = fitted(after, FILM_SIDE);
	const context = contextOf(width, height);
	const recorder = new MediaRecorder(context.canvas.captureStream(FRAMES_A_SECOND), {
		mimeType: "video/webm",
		videoBitsPerSecond: 6_000_000,
	});
	const pieces = [];
	recorder.ondataavailable = ({ data }) => pieces.push(data);
	const stopped = new Promise((resolve) => (recorder.onstop = resolve));
	recorder.start();
	await play((time) => drawFrame(context, before, after, shareAt(time), marked));
	recorder.stop();
	await stopped;
	return new File(pieces, `${stemOf(photo)}-before-after.webm`, { type: "video/webm" });
}

/** How much of the photo is in colour at a time of 0 to 1: it waits at both ends. */
const shareAt = (time) => Math.min(1, Math.max(0, 1.25 - 2.5 * Math.abs(time - 0.5)));

function drawFrame(context, before, after, share, marked) {
	const { width, height } = context.canvas;
	context.drawImage(before, 0, 0, width, height);
	context.save();
	context.beginPath();
	context.rect(0, 0, width * share, height);
	context.clip();
	context.drawImage(after, 0, 0, width, height);
	context.restore();
	if (marked) mark(context);
}

/** Call `draw` with 0 to 1 for as long as the film lasts; by a clock, since hidden pages get no frames. */
function play(draw) {
	const start = performance.now();
	return new Promise((resolve) => {
		const timer = setInterval(() => {
			const time = (performance.now() - start) / FILM_MS;
			draw(Math.min(1, time));
			if (time < 1) return;
			clearInterval(timer);
			resolve();
		}, 1000 / FRAMES_A_SECOND);
	});
}

async function bothOf(photo) {
	const [before, after] = [photo.shown, await fileOf(photo, photo.results[0])].map(decode);
	return { before: await before, after: await after };
}

function fitted({ width, height }, side) {
	const scale = Math.min(1, side / Math.max(width, height));
	return { width: 2 * Math.round((width * scale) / 2), height: 2 * Math.round((height * scale) / 2) };
}

/** Say in the picture itself that the colours are a guess. */
function mark(context) {
	const { width, height } = context.canvas;
	const size = Math.max(12, Math.round(Math.min(width, height) / 28));
	Object.assign(context, { font: `600 ${size}px sans-serif`, textAlign: "right", textBaseline: "bottom" });
	Object.assign(context, { lineWidth: size / 5, strokeStyle: "#000a", fillStyle: "#fffd", lineJoin: "round" });
	for (const write of ["strokeText", "fillText"]) context[write](word("mark"), width - size, height - size * 0.7);
}

const stemOf = ({ name }) => name.replace(/\.\w+$/, "");
