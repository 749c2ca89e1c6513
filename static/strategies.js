/** The menu of networks that can colour a photo. */
import { byId, make } from "./dom.js";

let strategies = [];

/** Fill the menu from what the service offers. */
export function fillStrategies(offered) {
	strategies = offered;
	byId("strategies").replaceChildren(...offered.map(choiceOf));
}

/** The strategies that the visitor chose. */
export const chosen = () => strategies.filter(({ name }) => boxOf(name).checked);

/** An installed strategy that takes corrections: a chosen one if there is any. */
export const corrector = () =>
	[...chosen(), ...strategies].find(({ hints, installed }) => hints && installed);

/** Choose one more strategy. */
export const chooseStrategy = ({ name }) => (boxOf(name).checked = true);

const boxOf = (name) => byId(`strategy-${name}`);

function choiceOf({ name, title, installed, default: checked, licence, fetch: command }) {
	const box = make("input", { type: "checkbox", id: `strategy-${name}`, disabled: !installed, checked });
	const about = installed ? [licence] : ["Not installed here. The command ", make("code", {}, command), " does it."];
	const text = make("span", {}, title, make("small", {}, ...about));
	return make("li", {}, make("label", { className: installed ? "" : "greyed" }, box, text));
}
