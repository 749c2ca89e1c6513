/** Films on the page, where the service takes any: the ways in, and how far the one on the stage is. */
import { byId } from "../ground/dom.js";
import { decimal, word } from "../ground/words.js";
import { onChange, state } from "../state/state.js";
import { startCamera } from "./camera.js";
import { colorizeFilm, fillFilm, forgetFilm, resumeFilm, saveFilm } from "./coloring.js";
import { drawFilm, isFilm, openFilm } from "./film.js";
import { showPlayer, startPlayer } from "./player.js";

/** Let the page take films. */
export function startFilms() {
	state.films = {
		isFilm,
		open: openFilm,
		draw: drawFilm,
		colorize: colorizeFilm,
		resume: resumeFilm,
		fill: fillFilm,
		save: saveFilm,
		forget: forgetFilm,
	};
	const { max_film_bytes: bytes, max_film_seconds: seconds } = state.limits;
	byId("file").accept += ",video/*";
	byId("film-ways").firstChild.textContent = word("film-ways", { size: decimal(bytes / 2 ** 20), minutes: decimal(seconds / 60) });
	byId("film-ways").hidden = false;
	byId("first-frames").onload = ({ target }) => (target.hidden = false);
	startPlayer();
	startCamera();
	onChange(showFilm);
}

function showFilm() {
	showPlayer();
	const { progress } = state.current ?? {};
	byId("film-work").hidden = !progress;
	if (!progress) return;
	if (progress.share === null) byId("film-progress").removeAttribute("value");
	else byId("film-progress").value = progress.share;
	byId("film-text").textContent = progress.text;
	showFirstFrames(progress.frames);
}

/** They are there as soon as a piece of the film is done, which may be later than the first frame. */
function showFirstFrames(url) {
	const sheet = byId("first-frames");
	if (!url) sheet.hidden = true;
	else if (!sheet.src.endsWith(url)) sheet.src = url;
}
