/** Where a photo lies in its frame: {scale, x, y}, its corner and the pixels of the screen for each of its own. */

const MOST = 8; // times the size at which it fits, or pixels of the screen for each of its own

const scaleThatFits = (photo, frame) => Math.min(frame.width / photo.width, frame.height / photo.height);

/** The place at which the whole photo is seen as large as the frame allows. */
export const fitting = (photo, frame) => settled({ scale: 0, x: 0, y: 0 }, photo, frame);

/** Whether the photo is seen larger than that. */
export const isZoomed = ({ scale }, photo, frame) => scale > 1.001 * scaleThatFits(photo, frame);

/** The nearest place without empty room beside a photo that is larger than its frame. */
export function settled({ scale, x, y }, photo, frame) {
	const fit = scaleThatFits(photo, frame);
	const kept = Math.max(fit, Math.min(scale, Math.max(MOST * fit, MOST)));
	return {
		scale: kept,
		x: within(x, frame.width - photo.width * kept),
		y: within(y, frame.height - photo.height * kept),
	};
}

const within = (corner, room) => (room >= 0 ? room / 2 : Math.min(0, Math.max(room, corner)));

/** The place after zooming by a factor about a point of the frame, which stays where it is. */
export function zoomed(place, factor, [left, top], photo, frame) {
	const { scale } = settled({ ...place, scale: place.scale * factor }, photo, frame);
	const ratio = scale / place.scale;
	return settled({ scale, x: left - (left - place.x) * ratio, y: top - (top - place.y) * ratio }, photo, frame);
}

/** The left and right edge of what is seen of the photo, in pixels of the frame. */
export const seen = ({ scale, x }, photo, frame) => [Math.max(0, x), Math.min(frame.width, x + photo.width * scale)];
