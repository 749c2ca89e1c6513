/** The film on the stage: two videos under one slider, as it was and coloured, which keep to one clock. */
import { byId, make, onClick } from "../ground/dom.js";
import { clock, word } from "../ground/words.js";
import { changed, isSeen, state } from "../state/state.js";

const FAR = 0.3; // seconds between the two that are not made up for by playing faster
const EVENTS = ["loadedmetadata", "play", "pause", "seeked", "timeupdate"];

let visited = null; // the spot that was selected last

/** A video that can be one of the two. */
export function newVideo(properties) {
	const video = make("video", { playsInline: true, preload: "auto", ...properties });
	for (const type of EVENTS) video.addEventListener(type, follow);
	return video;
}

/** Wait until a video shows a frame; false where this browser cannot play it. */
export const isReady = (video) =>
	new Promise((resolve) => {
		video.onloadeddata = () => resolve(true);
		video.onerror = () => resolve(false);
	});

/** Let buttons and keys play the film. */
export function startPlayer() {
	onClick("play", toggle);
	byId("seek").addEventListener("input", ({ target }) => seek(Number(target.value)));
	byId("frames").addEventListener("keydown", (event) => {
		if (event.key !== " " || !event.target.matches(".view") || !state.current.leader) return;
		event.preventDefault();
		toggle();
	});
}

/** Bring the controls up to date, and go where the selected spot is. */
export function showPlayer() {
	const { leader, edits } = state.current ?? {};
	byId("playback").hidden = !leader?.duration;
	if (!leader) return;
	showTime(leader);
	const spot = edits.spots.find(({ id }) => id === state.selected);
	if (spot && spot.id !== visited && !isSeen(spot)) goTo(spot.time);
	visited = state.selected;
}

function showTime({ paused, currentTime, duration }) {
	const text = `${clock(currentTime)} / ${clock(duration)}`;
	Object.assign(byId("seek"), { max: duration, value: currentTime, ariaValueText: text });
	byId("clock").textContent = text;
	byId("play").ariaLabel = word(paused ? "play" : "pause");
	byId("play").classList.toggle("playing", !paused);
}

function toggle() {
	const { leader } = state.current;
	state.selected = null; // its frame is left
	if (leader.paused) leader.play().catch(() => {}); // a pause that comes quicker is no failure
	else leader.pause();
}

function seek(time) {
	state.selected = null;
	state.current.leader.currentTime = time;
}

function goTo(time) {
	const { leader } = state.current;
	leader.pause();
	leader.currentTime = time;
}

function follow({ target, type }) {
	const film = state.current;
	if (!film?.videos?.includes(target)) return;
	const { leader, videos } = film;
	if (target !== leader && type !== "loadedmetadata") return;
	for (const other of videos) if (other !== leader) keepTogether(leader, other);
	if (type === "timeupdate") return showTime(leader);
	film.small = null; // it was of another frame
	changed();
}

function keepTogether(leader, other) {
	if (!other.readyState) return;
	const behind = leader.currentTime - other.currentTime;
	if (Math.abs(behind) > (leader.paused ? 0 : FAR)) other.currentTime = leader.currentTime;
	other.playbackRate = 1 + Math.max(-0.5, Math.min(0.5, 2 * behind));
	if (leader.paused) other.pause();
	else other.play().catch(() => {});
}
