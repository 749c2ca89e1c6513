/** The routes of the service; docs/api.md describes them. */

/** A failure: `code` names its FAQ entry, which has a sentence for it too; `retryAfter` is in seconds. */
export class Problem extends Error {
	constructor(code, sentence = "", retryAfter = 0) {
		super(sentence);
		Object.assign(this, { code, retryAfter });
	}
}

// What it means when something between us and the service answers in its place.
const CODES = { 413: "too-many-bytes", 415: "not-a-photo", 429: "too-many-requests", 500: "internal-error", 503: "busy" };

/** @returns {Promise<{max_upload_bytes: number, max_pixels: number}>} */
export const getLimits = () => ask("/api/v1/limits");

/** @returns {Promise<object[]>} name, title, installed, default, hints, suggestions and more of each */
export const getStrategies = async () => (await ask("/api/v1/strategies")).strategies;

/**
 * Colour one photo.
 * @param {Blob} photo
 * @param {string} name of the file
 * @param {{strategy: string, hints: object[], format?: string, saturation?: number}} options
 * @param {AbortSignal} [signal]
 */
export async function colorize(photo, name, { hints, ...options }, signal) {
	const fields = { ...options, hints: JSON.stringify(hints), confidence_map: true };
	const reply = await send("/colorize", photo, name, fields, signal);
	const bytes = Uint8Array.from(atob(reply.image), (letter) => letter.charCodeAt(0));
	return {
		blob: new Blob([bytes], { type: reply.media_type }),
		map: reply.confidence_map ? `data:image/png;base64,${reply.confidence_map}` : "",
		filename: reply.filename,
		confidence: reply.confidence,
		colored: reply.already_colored,
	};
}

/** Ask which colours the network itself finds likely at a pixel: [{color, share}], likeliest first. */
export const getSuggestions = async (photo, x, y, strategy) =>
	(await send("/api/v1/suggestions", photo, "photo.jpg", { x, y, strategy })).colors;

function send(url, photo, name, fields, signal) {
	const body = new FormData();
	body.append("image", photo, name);
	for (const [key, value] of Object.entries(fields)) body.append(key, value);
	return ask(url, { method: "POST", body, signal });
}

async function ask(url, options) {
	let response;
	let reply = null;
	try {
		response = await fetch(url, { headers: { Accept: "application/json" }, ...options });
		reply = await response.json();
	} catch (error) {
		if (error.name === "AbortError") throw error;
		if (!response) throw new Problem("offline");
	}
	if (response.ok && reply) return reply;
	const code = reply?.code ?? CODES[response.status] ?? "bad-reply";
	throw new Problem(code, reply?.detail ?? reply?.title, Number(response.headers.get("Retry-After")));
}
