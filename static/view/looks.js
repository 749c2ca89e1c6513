/** The look of the result: saturation, warmth and the veil of doubt, shown at once without the service. */
import { byId, make, onClick } from "../ground/dom.js";
import { percent, word } from "../ground/words.js";
import { state, takes } from "../state/state.js";
import { attempt } from "../work/attempt.js";
import { apply, chooseVariant, findVariants, takeColorsOf } from "../work/correct.js";

// The light of D50 over that of D65, as colorizer/color/warmth.py has it: X and Z of XYZ are scaled, which on
// linear red, green and blue is a matrix. Of each, its row of sRGB to XYZ and its column of XYZ to sRGB.
const WARMER = [
	{ ratio: 1.01447, row: [0.4124, 0.3576, 0.1805], column: [3.2406, -0.9689, 0.0557] },
	{ ratio: 0.75789, row: [0.0193, 0.1192, 0.9505], column: [-0.4986, 0.0415, 1.057] },
];

/** Make the controls work. */
export function startLooks() {
	for (const name of ["saturation", "warmth"]) {
		byId(name).addEventListener("input", ({ target }) => apply({ [name]: Number(target.value) }, name));
	}
	onClick("variants", () => attempt(findVariants));
	byId("reference").addEventListener("change", ({ target }) => target.files[0] && takeColorsOf(target.files[0]));
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
	if (!edits.reference) byId("reference").value = "";
	showVariants(variants ?? []);
}

/** A warmth as a matrix on red, green, blue and alpha. */
function matrixOf(warmth) {
	const entry = (to, from) =>
		WARMER.reduce((sum, { ratio, row, column }) => sum + (ratio ** warmth - 1) * column[to] * row[from], Number(to === from));
	const rows = [0, 1, 2].map((to) => [0, 1, 2].map((from) => entry(to, from)));
	return [...rows.map((row) => [...row, 0, 0]), [0, 0, 0, 1, 0]].flat().join(" ");
}

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
