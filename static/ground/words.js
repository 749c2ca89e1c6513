/** The page's words in the visitor's language, in a file that the page asked for before any script. */

const words = await (await fetch(document.getElementById("words").href)).json();
const { lang } = document.documentElement;
const percents = new Intl.NumberFormat(lang, { style: "percent" });
const moments = new Intl.DateTimeFormat(lang, { dateStyle: "short", timeStyle: "short" });
const decimals = new Intl.NumberFormat(lang, { maximumFractionDigits: 1 });

/** What colours are called: a name for each "#rrggbb". */
export const colorNames = words.colors;

/** The text of a key; {name} in it becomes the value of that name. */
export function word(key, values = {}) {
	if (!(key in words)) throw new Error(`There is no text for ${key}.`);
	return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** The sentence for a problem: the question of its entry in the FAQ. */
export const problemSentence = (code) => words[`faq-${code}`] ?? words["faq-internal-error"];

/** A share of 0 to 1 as a percentage. */
export const percent = (share) => percents.format(share);

/** A time as the service writes it, in words. */
export const moment = (text) => moments.format(new Date(text));

/** A time of a film, in seconds, as players show it. */
export const clock = (seconds) =>
	`${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** A number with one decimal at most. */
export const decimal = (number) => decimals.format(number);
