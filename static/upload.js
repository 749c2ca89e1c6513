/** The four ways in: button, drag and drop, paste, and the examples. */
import { byId, onClick } from "./dom.js";

/** Call `onFiles` with every list of files that a visitor gives. */
export function acceptFiles(onFiles) {
  const chooser = byId("file");
  chooser.addEventListener("change", () => {
    const files = [...chooser.files];
    chooser.value = ""; // or the same file could not be chosen twice
    give(files, onFiles);
  });
  onClick("choose", () => chooser.click());
  document.addEventListener("paste", (event) => give([...event.clipboardData.files], onFiles));
  acceptDrops((files) => give(files, onFiles));
  for (const example of document.querySelectorAll(".example")) {
    example.addEventListener("click", async () => give([await exampleFile(example)], onFiles));
  }
}

function give(files, onFiles) {
  if (files.length) onFiles(files);
}

function acceptDrops(onFiles) {
  let depth = 0; // dragenter and dragleave also fire for every element inside
  const mark = (change) => {
    depth = change ? depth + change : 0;
    document.body.classList.toggle("dropping", depth > 0);
  };
  document.addEventListener("dragenter", () => mark(1));
  document.addEventListener("dragleave", () => mark(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(0);
    onFiles([...event.dataTransfer.files]);
  });
}

async function exampleFile(example) {
  const response = await fetch(example.querySelector("img").src);
  return new File([await response.blob()], `${example.dataset.name}.jpg`);
}
