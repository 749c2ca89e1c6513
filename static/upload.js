/** The four ways in: button, drag and drop, paste, and the examples. */
import { byId, onClick } from "./dom.js";

/** Call `onFiles` with every list of files that a visitor gives. */
export function acceptFiles(onFiles) {
	const give = (files) => files.length && onFiles([...files]);
	const chooser = byId("file");
	chooser.addEventListener("change", () => {
		give(chooser.files);
		chooser.value = ""; // or the same file could not be chosen twice
	});
	onClick("choose", () => chooser.click());
	document.addEventListener("paste", ({ clipboardData }) => give(clipboardData.files));
	for (const type of ["dragover", "dragleave", "drop"]) document.addEventListener(type, markDrag);
	document.addEventListener("drop", ({ dataTransfer }) => give(dataTransfer.files));
	for (const example of document.querySelectorAll(".example")) {
		example.addEventListener("click", async () => give([await fileOf(example)]));
	}
}

function markDrag(event) {
	event.preventDefault(); // or the browser would open the file in place of the page
	document.body.classList.toggle("dropping", event.type === "dragover");
}

async function fileOf(example) {
	const response = await fetch(example.querySelector("img").src);
	return new File([await response.blob()], `${example.name}.jpg`);
}
