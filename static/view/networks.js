/** The menu of the networks that can colour a photo here. */
import { byId, make } from "../ground/dom.js";
import { changed, state } from "../state/state.js";

/** Bring the menu up to date; where there is no choice, there is no menu. */
export function showNetworks() {
	const { strategies, current } = state;
	byId("networks").hidden = !current || strategies.length < 2;
	const list = byId("strategies");
	if (list.children.length !== strategies.length) list.replaceChildren(...strategies.map(choiceOf));
	for (const strategy of strategies) byId(`strategy-${strategy.name}`).checked = strategy.chosen;
}

function choiceOf(strategy) {
	const { name, title, licence } = strategy;
	const choose = ({ target }) => {
		strategy.chosen = target.checked;
		changed();
	};
	const box = make("input", { type: "checkbox", id: `strategy-${name}`, onchange: choose });
	return make("li", {}, make("label", {}, box, make("span", {}, title, make("small", {}, licence))));
}
