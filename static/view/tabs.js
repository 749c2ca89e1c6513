/** Tabs with a URL fragment each; "#faq-busy" opens the FAQ at that entry (ARIA tabs pattern). */
import { byId } from "../ground/dom.js";

const tabs = [...document.querySelectorAll("[role=tab]")];

/** Show the tab that the address names, now and whenever it changes. */
export function startTabs() {
	// Once more after loading, since the browser's own jump to the address takes the focus away.
	for (const event of ["hashchange", "load"]) addEventListener(event, showAddress);
	byId("tabs").addEventListener("keydown", moveByKey);
	byId("language").addEventListener("change", ({ target }) => (location.search = `?lang=${target.value}`));
	showAddress();
}

function showAddress() {
	const slug = location.hash.slice(1);
	const tab = tabs.find(({ hash }) => slug.split("-")[0] === hash.slice(1)) ?? tabs[0];
	for (const each of tabs) select(each, each === tab);
	const anchor = slug.startsWith("faq-") && byId(slug);
	if (!anchor) return;
	const entry = anchor.closest("details");
	entry.open = true;
	entry.firstChild.focus({ preventScroll: true });
	entry.scrollIntoView({ block: "center" });
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
