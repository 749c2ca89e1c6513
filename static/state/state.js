/** What the page knows. Whoever changes it calls `changed`, and the view follows. */

/** The one state of the page. */
export const state = {
	photos: [],
	current: null, // the photo on the stage
	status: "", // what is being done or what comes next, in words
	run: null, // the AbortController of the photos that are being coloured
	problem: null, // a failure of no photo
	retry: null, // what to try again after it
	limits: null, // of the service
	strategies: [], // that are installed; `chosen` are those to colour with
	tool: null, // what a tap on the photo does: "spot", "dropper", "brush", or nothing where it is null
	selected: null, // the id of the selected spot
	films: null, // how films are opened, coloured and saved, where the service takes any
};

const SAME_FRAME = 0.02; // seconds

const renderers = [];

/** Call `render` whenever something has changed. */
export const onChange = (render) => renderers.push(render);

/** Let the page follow the state. */
export const changed = () => renderers.forEach((render) => render());

/** Tell the visitor how things stand. */
export function say(text) {
	state.status = text;
	changed();
}

/** Whether the service takes a field, such as "mask". */
export const takes = (field) => Boolean(state.limits?.fields?.includes(field));

/** The strategies that the visitor chose. */
export const chosen = () => state.strategies.filter((strategy) => strategy.chosen);

/** The AbortController of what Cancel stops: the film on the stage, which takes its time, or else the photos. */
export const running = () => (state.current?.progress ? state.current.run : state.run);

/** The moment that corrections are for: of a film in seconds, NaN while it plays; 0 of a photo. */
export function seenTime() {
	const { leader } = state.current;
	return leader ? (leader.paused ? leader.currentTime : NaN) : 0;
}

/** Whether a spot is on what is seen of the film at the moment; on photos it always is. */
export const isSeen = ({ time = 0 }) => Math.abs(time - seenTime()) < SAME_FRAME;

/** A strategy that suggests colours: the one that coloured the photo on the stage if it can. */
export const suggester = () =>
	[state.current.results[0].strategy, ...state.strategies].find(({ suggestions }) => suggestions);

/** Whether Colorize has something to do for a photo: it lacks the result of a chosen strategy. */
export function wantsColor({ state: stage, results, film }) {
	const have = results.map(({ strategy }) => strategy);
	const missing = film ? !results.length : chosen().some((strategy) => !have.includes(strategy));
	return missing && ["ready", "failed", "done"].includes(stage);
}
