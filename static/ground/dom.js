/** Finding and making elements of the page. */

/** The element of the page with this id. */
export const byId = (id) => document.getElementById(id);

/** Do something when the element with this id is clicked. */
export const onClick = (id, work) => byId(id).addEventListener("click", work);

/** Make an element. Text goes in as text, never as markup, so names that visitors give are safe. */
export function make(tag, properties = {}, ...children) {
	const element = Object.assign(document.createElement(tag), properties);
	element.append(...children);
	return element;
}

/** Make a button. */
export const button = (label, onclick, properties) => make("button", { onclick, ...properties }, label);

/** Put children in place where they are not yet; those that are moved would lose their focus. */
export function setChildren(parent, children) {
	const there = children.every((child, index) => child === parent.children[index]);
	if (!there || children.length !== parent.children.length) parent.replaceChildren(...children);
}

/** Hand a file to the visitor. */
export function download(file) {
	const href = URL.createObjectURL(file);
	make("a", { href, download: file.name }).click();
	setTimeout(() => URL.revokeObjectURL(href), 60_000); // some browsers read it only later
}
