/** Results leave the page as files: downloaded, shared, or all in one zip. */
import { download } from "../ground/dom.js";
import { word } from "../ground/words.js";
import { zip } from "../ground/zip.js";
import { colorize } from "../service/api.js";
import { wishOf } from "../state/edits.js";
import { say, state } from "../state/state.js";
import { settled } from "./correct.js";
import { fieldsOf, lookOf } from "./run.js";

/** The suffix of each format of results. */
export const SUFFIXES = { jpeg: "jpg", png: "png", webp: "webp", tiff: "tif" };

/** The file of one result; another format or look is made by the service, which keeps metadata. */
export async function fileOf(photo, result, format = "jpeg") {
	await settled(photo);
	const look = lookOf(photo);
	const asShown = Object.values(look).every((value) => value === undefined) && result.wish === wishOf(photo);
	let { blob } = result;
	if (format !== "jpeg" || !asShown) {
		const fields = await fieldsOf(photo, result.strategy);
		({ blob } = await colorize(photo.original, photo.name, { ...fields, ...look, format }));
	}
	const [stem] = result.filename.split(/\.\w+$/);
	const suffix = photo.results.length > 1 ? `-${result.strategy.name}` : "";
	return new File([blob], `${stem}${suffix}.${SUFFIXES[format]}`, { type: blob.type });
}

/** Make a file, saying so, and hand it over. */
export async function deliver(work, handOver = download) {
	say(word("preparing"));
	await handOver(await work);
	say("");
}

/** Every result of a photo, one by one. */
export async function saveOne(photo, format, handOver) {
	if (photo.film) return state.films.save(photo);
	for (const result of photo.results) await deliver(fileOf(photo, result, format), handOver);
}

/** Every result of every photo, in one zip file. */
export const saveAll = (format) => deliver(zipOf(state.photos.filter(({ film }) => !film), format));

async function zipOf(photos, format) {
	const files = [];
	for (const photo of photos) {
		for (const result of photo.results) {
			const blob = await fileOf(photo, result, format);
			const taken = files.some(({ name }) => name === blob.name);
			files.push({ name: taken ? `${files.length + 1}-${blob.name}` : blob.name, blob });
		}
	}
	return new File([await zip(files)], "colorized-photos.zip");
}
