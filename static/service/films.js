/** The routes of films, each coloured by a job, on a service that takes any; docs/api.md describes them. */
import { Problem, answered, ask, formOf } from "./api.js";

const JOBS = "api/v1/jobs";

/**
 * Send a film to be coloured; returns the job.
 * @param {object} film
 * @param {object} fields as docs/api.md describes them
 * @param {(share: number) => void} onShare is told how much of it is sent, which fetch does not tell
 * @param {AbortSignal} signal
 */
export async function sendFilm({ original, name }, fields, onShare, signal) {
	const body = formOf(fields);
	body.append("film", original, name);
	const request = new XMLHttpRequest();
	request.open("POST", JOBS);
	request.responseType = "json";
	request.upload.onprogress = ({ loaded, total }) => onShare(loaded / total);
	await new Promise((resolve, reject) => {
		request.onload = resolve;
		request.onerror = () => reject(new Problem("offline"));
		request.onabort = () => reject(signal.reason);
		signal.onabort = () => request.abort();
		request.send(body);
	});
	return answered(request.status, request.response, request.getResponseHeader("Retry-After"));
}

/** Colour the film of a job anew; returns a job of its own. */
export const recolorFilm = (film, fields) =>
	ask(JOBS, {
		method: "POST",
		body: JSON.stringify({ film, ...fields }),
		headers: { "Content-Type": "application/json" },
	});
