/** The ways in: buttons for files and folders, drag and drop, paste, and the examples. */
import { byId, onClick } from "../ground/dom.js";

const PHOTO = /\.(jpe?g|jfif|png|webp|tiff?|avif|hei[cf])$/i; // in folders, whatever else lies there is left

/** Call `onFiles` with every list of files that a visitor gives. */
export function acceptFiles(onFiles) {
	const give = (files) => files.length && onFiles(files);
	for (const [id, buttons] of [["file", ["choose", "add"]], ["folder", ["choose-folder"]]]) {
		const chooser = byId(id);
		chooser.addEventListener("change", () => {
			const files = [...chooser.files];
			give(id === "folder" ? files.filter(({ name }) => PHOTO.test(name)) : files);
			chooser.value = ""; // or the same file could not be chosen twice
		});
		for (const each of buttons) onClick(each, () => chooser.click());
	}
	byId("choose-folder").hidden = !("webkitdirectory" in byId("folder"));
	document.addEventListener("paste", ({ clipboardData }) => give([...clipboardData.files]));
	for (const type of ["dragover", "dragleave", "drop"]) document.addEventListener(type, markDrag);
	document.addEventListener("drop", async ({ dataTransfer }) => give(await dropped(dataTransfer)));
	for (const example of document.querySelectorAll(".example")) {
		example.addEventListener("click", async () => give([await fileOf(example)]));
	}
}

function markDrag(event) {
	event.preventDefault(); // or the browser would open the file in place of the page
	document.body.classList.toggle("dropping", event.type === "dragover");
}

/** Everything that was dropped, folders with all that lies in them. */
async function dropped({ items, files }) {
	const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
	if (!entries.some(({ isDirectory }) => isDirectory)) return [...files];
	return (await Promise.all(entries.map((entry) => filesOf(entry)))).flat();
}

async function filesOf(entry, inFolder = false) {
	if (entry.isDirectory) {
		const inside = await entriesOf(entry.createReader());
		return (await Promise.all(inside.map((each) => filesOf(each, true)))).flat();
	}
	if (inFolder && !PHOTO.test(entry.name)) return [];
	return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
}

/** A reader hands out a hundred entries at a time, and none when it is done. */
async function entriesOf(reader) {
	const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
	return some.length ? [...some, ...(await entriesOf(reader))] : [];
}

async function fileOf({ name, dataset }) {
	const response = await fetch(dataset.photo);
	return new File([await response.blob()], `${name}.jpg`);
}
