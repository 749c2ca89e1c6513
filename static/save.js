/** Results leave the page as files: downloaded, shared, or all in one zip. */
import { colorize } from "./api.js";
import { byId, make } from "./dom.js";
import { zip } from "./zip.js";

/** The file of one result; another format or saturation is made by the service, which keeps metadata. */
export async function fileOf(photo, result) {
	const { saturation } = photo;
	const { strategy, hints, filename } = result;
	const format = byId("format").value;
	let { blob } = result;
	if (format !== "jpeg" || saturation !== 1) {
		const options = { strategy: strategy.name, hints, saturation, format };
		({ blob } = await colorize(photo.blob, photo.name, options));
	}
	const [stem] = filename.split(/\.\w+$/);
	const suffix = photo.results.length > 1 ? `-${strategy.name}` : "";
	return new File([blob], `${stem}${suffix}.${format === "png" ? "png" : "jpg"}`, { type: blob.type });
}

/** Every result of every photo, in one zip file. */
export async function zipOf(photos) {
	const files = [];
	for (const photo of photos) {
		for (const result of photo.results) {
			const blob = await fileOf(photo, result);
			const taken = files.some(({ name }) => name === blob.name);
			files.push({ name: taken ? `${files.length + 1}-${blob.name}` : blob.name, blob });
		}
	}
	return new File([await zip(files)], "colorized-photos.zip");
}

/** Hand a file to the visitor. */
export function download(file) {
	const href = URL.createObjectURL(file);
	make("a", { href, download: file.name }).click();
	setTimeout(() => URL.revokeObjectURL(href), 60_000); // some browsers read it only later
}

/** Whether this browser has a share sheet for photos, as phones do. */
export const canShare = () =>
	Boolean(navigator.canShare?.({ files: [new File([""], "photo.jpg", { type: "image/jpeg" })] }));

/** Open the share sheet; closing it without sharing is no failure. */
export const share = (file) => navigator.share({ files: [file] }).catch(() => {});
