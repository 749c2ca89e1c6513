/** How sure the network is, in words and as a veil over the places where it is not. */
import { contextOf } from "./dom.js";

/** @param {number|null} confidence 0 to 1 */
export function confidenceWords(confidence) {
  if (confidence === null) return "It does not say how sure it is";
  const words = confidence > 0.6 ? "Very sure" : confidence > 0.4 ? "Fairly sure" : "Not very sure";
  return `${words} (${Math.round(100 * confidence)} %)`;
}

/** Draw on a canvas a veil that is the denser the less sure the network is of a place. */
export async function veilOf({ map }, canvas) {
  canvas.width = 0;
  if (!map) return;
  const bitmap = await createImageBitmap(map);
  const { width, height } = bitmap;
  const context = contextOf(width, height, canvas);
  context.drawImage(bitmap, 0, 0);
  const picture = context.getImageData(0, 0, width, height);
  const { data } = picture;
  for (let i = 0; i < data.length; i += 4) {
    const veil = 2 * (0.6 - data[i] / 255);
    data.set([255, 255, 255, 255 * Math.min(0.9, veil)], i);
  }
  context.putImageData(picture, 0, 0);
}
