/** Colours "#rrggbb": their place in CIE Lab (D65; IEC 61966-2-1 and CIE 15), and what people call them. */
import { colorNames } from "./words.js";

const linear = (level) => (level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4);
const cubed = (value) => (value > 216 / 24389 ? Math.cbrt(value) : (841 / 108) * value + 4 / 29);

/** L*, a* and b* of a colour "#rrggbb". */
export function labOf(color) {
	const [red, green, blue] = [1, 3, 5].map((at) => linear(parseInt(color.slice(at, at + 2), 16) / 255));
	const x = cubed((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
	const y = cubed(0.2126 * red + 0.7152 * green + 0.0722 * blue);
	const z = cubed((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
	return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** "#rrggbb" of red, green and blue as levels of 0 to 255. */
export const hexOf = (...levels) => `#${levels.map((level) => level.toString(16).padStart(2, "0")).join("")}`;

const NAMED = Object.entries(colorNames).map(([color, name]) => ({ name, lab: labOf(color) }));

const distance = (one, other) => Math.hypot(...one.map((value, index) => value - other[index]));

/** What people call a colour: the nearest in Lab that has a name. */
export function nameOf(color) {
	const lab = labOf(color);
	return NAMED.reduce((best, each) => (distance(each.lab, lab) < distance(best.lab, lab) ? each : best)).name;
}
