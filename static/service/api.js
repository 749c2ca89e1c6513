/** The routes of the service; docs/api.md describes them. */

/** A failure: `code` names its FAQ entry, which has the sentence for it; `retryAfter` is in seconds. */
export class Problem extends Error {
	constructor(code, { retryAfter = 0, id = "" } = {}) {
		super(code);
		Object.assign(this, { code, retryAfter, id });
	}
}

// What it means when something between us and the service answers in its place.
const CODES = { 413: "too-many-bytes", 415: "not-a-photo", 429: "too-many-requests", 500: "internal-error", 503: "busy" };

/** @returns {Promise<{max_upload_bytes: number, max_pixels: number, media_types: string[], fields: string[]}>} */
export const getLimits = () => ask("api/v1/limits");

/** @returns {Promise<object[]>} name, title, installed, default, hints, suggestions and more of each */
export const getStrategies = async () => (await ask("api/v1/strategies")).strategies;

/**
 * Colour one photo.
 * @param {Blob} photo
 * @param {string} name of the file
 * @param {object} fields as docs/api.md describes them; `hints` as a list, those that are undefined are left out
 * @param {AbortSignal} [signal]
 */
export async function colorize(photo, name, fields, signal) {
	const reply = await send("colorize", photo, name, { ...fields, confidence_map: true }, signal);
	return {
		blob: blobOf(reply),
		map: reply.confidence_map ? `data:image/png;base64,${reply.confidence_map}` : "",
		filename: reply.filename,
		confidence: reply.confidence,
		colored: reply.already_colored,
	};
}

/** Ask which colours the network itself finds likely at a pixel: [{color, share}], likeliest first. */
export const getSuggestions = async (photo, x, y, strategy) =>
	(await send("api/v1/suggestions", photo, "photo.jpg", { x, y, strategy })).colors;

/** Ask for small colourings to choose from: [{blob, hints}]; the hints bring each about. */
export const getVariants = async (photo, strategy, signal) =>
	(await send("api/v1/variants", photo, "photo.jpg", { strategy }, signal)).variants.map((variant) => ({
		blob: blobOf(variant),
		hints: variant.hints,
	}));

function blobOf({ image, media_type: type }) {
	const bytes = Uint8Array.from(atob(image), (letter) => letter.charCodeAt(0));
	return new Blob([bytes], { type });
}

/** A form with fields: lists become JSON, and what is undefined or empty is left out. */
export function formOf(fields) {
	const form = new FormData();
	const given = Object.entries(fields).filter(([, value]) => value !== undefined && value.length !== 0);
	for (const [key, value] of given) form.append(key, Array.isArray(value) ? JSON.stringify(value) : value);
	return form;
}

/** Send a photo with fields; returns the answer. */
export function send(url, photo, name, fields, signal) {
	const body = formOf(fields);
	body.append("image", photo, name);
	return ask(url, { method: "POST", body, signal, headers: { Accept: "application/json" } });
}

/** Ask the service; returns its answer, null where that is empty, or throws Problem. */
export async function ask(url, options) {
	let response;
	let reply = null;
	try {
		response = await fetch(url, options);
		reply = await response.json();
	} catch (error) {
		if (error.name === "AbortError") throw error;
		if (!response) throw new Problem("offline");
	}
	return answered(response.status, reply, response.headers.get("Retry-After"));
}

/** The answer of the service, or its Problem thrown. */
export function answered(status, reply, retryAfter) {
	if (status < 300 && (reply || status === 204)) return reply;
	const code = reply?.code ?? CODES[status] ?? "bad-reply";
	throw new Problem(code, { retryAfter: Number(retryAfter), id: reply?.id });
}
