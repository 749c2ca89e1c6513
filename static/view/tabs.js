/** Tabs with a URL fragment each; "#faq-busy" opens the FAQ at that entry (ARIA tabs pattern). */
import { byId } from "../ground/dom.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const { lang } = document.documentElement;

/** Show the tab that the address names, now and whenever it changes. */
export function startTabs() {
	addEventListener("hashchange", showAddress);
	byId("tabs").addEventListener("keydown", moveByKey);
	byId("language").addEventListener("change", ({ target }) => (location.search = `?lang=${target.value}`));
	showAddress();
}

/** Fetch what there is to read, so that it is there when the service is not. */
export const readAhead = () => ["faq", "about"].forEach(read);

function showAddress() {
	const slug = location.hash.slice(1);
	const tab = tabs.find(({ hash }) => slug.split("-")[0] === hash.slice(1)) ?? tabs[0];
	for (const each of tabs) select(each, each === tab);
	if (slug.startsWith("faq-")) open(slug);
}

async function open(slug) {
	await read("faq");
	const entry = byId(slug)?.closest("details");
	if (!entry) return;
	entry.open = true;
	entry.firstChild.focus({ preventScroll: true });
	entry.scrollIntoView({ block: "center" });
}

const reading = {};

/** Fill a panel, once, with the page to read that the service has for it. */
const read = (name) => (reading[name] ??= fill(name).catch(() => delete reading[name]));

async function fill(name) {
	const response = await fetch(`${name}?lang=${lang}`, { priority: "low" });
	const page = new DOMParser().parseFromString(await response.text(), "text/html");
	byId(`panel-${name}`).replaceChildren(...page.querySelector("main").children);
}

function select(tab, selected) {
	tab.ariaSelected = String(selected);
	tab.tabIndex = selected ? 0 : -1;
	byId(tab.getAttribute("aria-controls")).hidden = !selected;
}

function moveByKey(event) {
	const here = tabs.indexOf(document.activeElement);
	const targets = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: -1 };
	if (!(event.key in targets)) return;
	event.preventDefault();
	const tab = tabs.at(targets[event.key] % tabs.length);
	tab.focus();
	location.hash = tab.hash;
}
