/** The look of the result: saturation, warmth and the veil of doubt, shown at once without the service. */
import { byId, make, onClick } from "../ground/dom.js";
import { percent, word } from "../ground/words.js";
import { state, takes } from "../state/state.js";
import { attempt } from "../work/attempt.js";
import { apply } from "../work/correct.js";
import { chooseVariant, findVariants } from "../work/variants.js";

const WARMTH = 0.09; // of white, for a warmth of 1: more red, less blue, at the same lightness

/** Make the controls work. */
export function startLooks() {
	for (const name of ["saturation", "warmth"]) {
		byId(name).addEventListener("input", ({ target }) => apply({ [name]: Number(target.value) }, name));
	}
	onClick("variants", () => attempt(findVariants));
	byId("reference").addEventListener("change", ({ target }) => apply({ reference: target.files[0] ?? null }));
	onClick("no-reference", () => apply({ reference: null }));
}

/** Bring the controls, and what they do to the picture, up to date. */
export function showLooks() {
	const { edits, results, variants } = state.current;
	byId("saturation").value = edits.saturation;
	byId("warmth").value = edits.warmth;
	byId("warmth").parentElement.hidden = !takes("warmth");
	byId("warmth-matrix").setAttribute("values", matrixOf(takes("warmth") ? edits.warmth : 0));
	byId("veil-row").hidden = !results.some(({ map }) => map);
	const [low, high] = results.find(({ range }) => range)?.range ?? [0, 1];
	byId("veil-legend").textContent = word("legend", { low: percent(low), high: percent(high) });
	byId("variants").hidden = !takes("variants");
	byId("reference-row").hidden = !takes("reference");
	byId("no-reference").hidden = !edits.reference;
	showVariants(variants ?? []);
}

/** A warmth as a matrix on red, green, blue and alpha: it adds in proportion to the light that is there. */
const matrixOf = (warmth) => {
	const [red, green, blue] = [1 + WARMTH * warmth, 1 - 0.02 * warmth, 1 - 1.6 * WARMTH * warmth];
	return `${red} 0 0 0 0  0 ${green} 0 0 0  0 0 ${blue} 0 0  0 0 0 1 0`;
};

function showVariants(variants) {
	const place = byId("variant-list");
	if (place.variants === variants) return;
	place.variants = variants;
	place.replaceChildren(...variants.map(pictureOf));
}

function pictureOf(variant, index) {
	const image = make("img", { src: variant.url, alt: word("variant", { n: index + 1 }) });
	return make("button", { className: "variant", onclick: () => chooseVariant(variant) }, image);
}
