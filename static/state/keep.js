/** The photos of this visit, kept in the visitor's own browser for a day, so that nothing is lost. */
import { changed, state } from "./state.js";

const DAY_MS = 24 * 3600 * 1000;
const STORE = "photos";
const KEPT = ["id", "name", "original", "picture", "turns", "edits", "past", "future", "stored", "film", "jobs"];
const KEPT_OF_RESULTS = ["blob", "map", "filename", "confidence", "colored", "wish", "link", "partly"];

const asked = (request) =>
	new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});

let database = null;

function store() {
	database ??= open();
	return database.then((opened) => opened.transaction(STORE, "readwrite").objectStore(STORE));
}

function open() {
	const opening = indexedDB.open("image-colorizer", 1);
	opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "id" });
	return asked(opening);
}

/**
 * Keep a photo as it is now. A browser that keeps nothing, as some private windows, or has no room is no failure,
 * but the photo is `unkept`, which the page says. One that has left the page while it was worked on is gone for good.
 */
export async function keep(photo) {
	if (!state.photos.includes(photo)) return;
	const was = Boolean(photo.unkept);
	photo.unkept = !(await quietly(() => put(recordOf(photo))));
	if (photo.unkept !== was) changed();
}

async function put(record) {
	const photos = await store();
	photos.put(record);
	return new Promise((resolve, reject) => {
		photos.transaction.oncomplete = () => resolve(true);
		photos.transaction.onabort = () => reject(photos.transaction.error); // also where only then there is no room
	});
}

/** Forget a photo. */
export const forget = ({ id }) => quietly(async () => asked((await store()).delete(id)));

/** Forget all photos. */
export const forgetAll = () => quietly(async () => asked((await store()).clear()));

/** The kept photos, oldest first, each with `at`, when it was last on the page; those of yesterday go. */
export async function recall() {
	const records = (await quietly(async () => asked((await store()).getAll()))) ?? [];
	const old = records.filter(({ at }) => at < Date.now() - DAY_MS);
	await Promise.all(old.map(forget));
	return records.filter((record) => !old.includes(record));
}

const pick = (names, from) => Object.fromEntries(names.map((name) => [name, from[name]]));

const recordOf = (photo) => ({
	...pick(KEPT, photo),
	at: Date.now(),
	results: photo.results
		.filter(({ url }) => url)
		.map((result) => ({ ...pick(KEPT_OF_RESULTS, result), strategy: result.strategy.name })),
});

async function quietly(work) {
	try {
		return await work();
	} catch (error) {
		console.info("This browser keeps nothing:", error);
		return null;
	}
}
