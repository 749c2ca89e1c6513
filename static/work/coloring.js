/** One colouring of one photo: what the service is asked, and what its answer becomes. */
import { thumbnailOf } from "../photo/photo.js";
import { colorize } from "../service/api.js";
import { hintsOf, wishOf } from "../state/edits.js";
import { takes } from "../state/state.js";
import { maskOf } from "./mask.js";

/** Fill a result of a photo with the colours of its strategy. */
export async function fill(result, photo, signal) {
	const wish = wishOf(photo);
	const answer = await colorize(photo.original, photo.name, await fieldsOf(photo, result.strategy), signal);
	const old = result.url;
	Object.assign(result, answer, { wish, url: URL.createObjectURL(answer.blob) });
	if (old) setTimeout(() => URL.revokeObjectURL(old), 1000); // until the new picture has replaced it
	if (result === photo.results[0]) photo.thumbnail = await thumbnailOf(answer.blob);
}

/** The fields with which the service colours this photo as the visitor wants it, but for the look. */
export async function fieldsOf(photo, { name }) {
	const { edits, turns } = photo;
	return {
		strategy: name,
		turn: turns ? 90 * turns : undefined,
		hints: hintsOf(edits),
		mask: edits.strokes.length ? await maskOf(photo) : undefined,
		reference: edits.reference ?? undefined,
	};
}

/** The look that the page shows with filters of its own and the service makes for downloads. */
export const lookOf = ({ edits: { saturation, warmth } }) => ({
	saturation: saturation === 1 ? undefined : saturation,
	warmth: warmth && takes("warmth") ? warmth : undefined,
});
