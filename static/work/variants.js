/** Small colourings to choose from, where the network is unsure. */
import { word } from "../ground/words.js";
import { smallCopy } from "../photo/photo.js";
import { getVariants } from "../service/api.js";
import { changed, say, state } from "../state/state.js";
import { apply } from "./correct.js";

/** Ask for colourings of the photo on the stage: [{url, hints}], the hints in its own pixels. */
export async function findVariants() {
	const photo = state.current;
	say(word("finding-variants"));
	const { blob, scale } = await smallCopy(photo);
	const variants = await getVariants(blob, photo.results[0].strategy.name);
	photo.variants = variants.map((variant) => ({
		url: URL.createObjectURL(variant.blob),
		hints: variant.hints.map((hint) => ({ ...hint, x: Math.floor(hint.x / scale), y: Math.floor(hint.y / scale) })),
	}));
	say(word("variants-found"));
	changed();
}

/** Colour the photo on the stage like one of its variants. */
export const chooseVariant = ({ hints }) => apply({ variant: hints });
