/** The routes of kept images and of jobs, on a service that keeps any; docs/api.md describes them. */
import { ask, formOf, send } from "./api.js";

const PAGE = 20;

/** A page of what is kept, newest first: {images, next}. */
export const getStored = (after) => ask(`api/v1/images?count=${PAGE}` + (after ? `&after=${after}` : ""));

/** Colour a photo and keep both. */
export const storePhoto = ({ original, name }, fields) => send("api/v1/images", original, name, fields);

/** Colour a kept photo anew. */
export const changeStored = (id, fields) => ask(`api/v1/images/${id}`, { method: "PATCH", body: formOf(fields) });

/** Delete one kept photo, or all where no id is given. */
export const deleteStored = (id) => ask("api/v1/images" + (id ? `/${id}` : ""), { method: "DELETE" });

/** Let photos be colored while nobody waits; returns the job. */
export function startJob(photos, fields) {
	const body = formOf(fields);
	for (const { original, name } of photos) body.append("image", original, name);
	return ask("api/v1/jobs", { method: "POST", body });
}

/** How far a job is. */
export const getJob = (id) => ask(`api/v1/jobs/${id}`);

/** Let a job end. */
export const cancelJob = (id) => ask(`api/v1/jobs/${id}`, { method: "DELETE" });
