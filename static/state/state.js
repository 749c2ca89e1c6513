/** What the page knows. Whoever changes it calls `changed`, and the view follows. */

/** The one state of the page. */
export const state = {
	photos: [],
	current: null, // the photo on the stage
	status: "", // what is being done or what comes next, in words
	run: null, // the AbortController of the work that Cancel stops
	problem: null, // a failure of no photo
	retry: null, // what to try again after it
	limits: null, // of the service
	strategies: [], // that are installed; `chosen` are those to colour with
	tool: null, // what a tap on the photo does: "spot", "dropper", "brush", or nothing where it is null
	selected: null, // the id of the selected spot
};

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

/** A strategy that suggests colours: the one that coloured the photo on the stage if it can. */
export const suggester = () =>
	[state.current.results[0].strategy, ...state.strategies].find(({ suggestions }) => suggestions);

/** Whether Colorize has something to do for a photo: it lacks the result of a chosen strategy. */
export function wantsColor({ state: stage, results }) {
	const have = results.map(({ strategy }) => strategy);
	const missing = chosen().some((strategy) => !have.includes(strategy));
	return missing && ["ready", "failed", "done"].includes(stage);
}
