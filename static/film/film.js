/** A film in the browser: a Photo (photo/photo.js) that moves, as it was and coloured. */
import { word } from "../ground/words.js";
import { Problem } from "../service/api.js";
import { newPhoto, thumbnailOf } from "../photo/photo.js";
import { isReady, newVideo } from "./player.js";

const NAMES = /\.(mp4|m4v|mov|mkv|webm|avi|mpe?g|wmv|3gp|ogv|m?ts)$/i;
const UNSEEN = { width: 640, height: 360 }; // of a film that this browser cannot play

/** Whether a file is to be opened as a film. */
export const isFilm = ({ name, type }) => type.startsWith("video/") || NAMES.test(name);

/**
 * Make a Photo of a film that the service takes; throws Problem. It has besides: `videos`, the two elements;
 * `leader`, the one that the other follows and that is heard; `jobs`, {id, wish} of those that colour it.
 */
export async function openFilm(file, limits, edits) {
	if (file.size > limits.max_film_bytes) throw new Problem("film-too-large");
	const film = { ...newPhoto(file, edits), original: file, film: true, jobs: [] };
	await drawFilm(film);
	if (film.leader.duration > limits.max_film_seconds) throw new Problem("film-too-long");
	return film;
}

/** Give a film its videos, its size and its small picture. */
export async function drawFilm(film) {
	const url = URL.createObjectURL(film.original);
	const before = newVideo({ src: url, muted: true, ariaLabel: word("before-alt", { name: film.name }) });
	Object.assign(film, UNSEEN, { url, videos: [before, newVideo()], leader: before, shown: before, state: "ready" });
	film.unseen = !(await isReady(before)) || !before.videoWidth;
	if (film.unseen) return;
	await findEnd(before);
	Object.assign(film, sizeOf(before), { thumbnail: await stillOf(before) });
}

/** Its thumbnail; none for a moment in which the video is being moved. */
const stillOf = (video) => thumbnailOf(video).catch(() => "");

const sizeOf = ({ videoWidth: width, videoHeight: height }) => ({ width, height });

/** A browser's own recordings do not say how long they are; it is known after a jump to the end. */
async function findEnd(video) {
	for (const time of video.duration === Infinity ? [1e9, 0] : []) await goTo(video, time);
}

const goTo = (video, time) =>
	new Promise((resolve) => Object.assign(video, { onseeked: resolve, currentTime: time }));

/** Show the colours at this address from now on, at the moment that is seen. */
export async function showColors(film, url) {
	const after = newVideo({ src: url, ariaLabel: film.name });
	film.unplayable = !(await isReady(after));
	if (film.unplayable) return;
	const [before, old] = film.videos;
	film.leader.pause();
	await goTo(after, film.leader.currentTime);
	old.replaceWith(after);
	Object.assign(film, { videos: [before, after], leader: after, shown: after, small: null });
	if (film.unseen) Object.assign(film, sizeOf(after), { url, videos: [grayVideo(url), after] });
	film.thumbnail = (await stillOf(after)) || film.thumbnail;
}

/** What stands for a film that this browser cannot play: its coloured copy without the colours. */
const grayVideo = (src) => newVideo({ src, muted: true, className: "gray" });
