/** Mouse, pen and fingers on an element become taps, drags and pinches. */

const STILL = 5; // pixels that a finger or mouse may move in a tap

/**
 * Listen to the pointers of an element.
 * @param {Element} element
 * @param {object} on
 * @param {string} on.where selects the parts of it that count
 * @param {(event: PointerEvent) => *} on.start returns what a drag from here is, which `drag` and `end` get
 * @param {(event: PointerEvent, kind: *, delta: number[]) => void} on.drag
 * @param {(event: PointerEvent, kind: *) => void} on.end after a drag
 * @param {(event: PointerEvent) => void} on.tap
 * @param {(factor: number, middle: number[], delta: number[]) => void} on.pinch
 */
export function listen(element, on) {
	const pointers = new Map();
	let gesture = null;

	function down(event) {
		if (event.button || !event.target.closest(on.where)) return;
		pointers.set(event.pointerId, [event.clientX, event.clientY]);
		element.setPointerCapture(event.pointerId);
		if (pointers.size === 1) gesture = { kind: on.start(event), from: [event.clientX, event.clientY], moved: false };
		else gesture.moved = true;
	}

	function move(event) {
		const last = pointers.get(event.pointerId);
		if (!last) return;
		const before = [...pointers.values()];
		const here = [event.clientX, event.clientY];
		pointers.set(event.pointerId, here);
		if (pointers.size === 2) return pinch(before, [...pointers.values()]);
		gesture.moved ||= distance(gesture.from, here) > STILL;
		if (gesture.moved && pointers.size === 1) on.drag(event, gesture.kind, minus(here, last));
	}

	function pinch(before, after) {
		const [old, now] = [middleOf(before), middleOf(after)];
		on.pinch(distance(...after) / Math.max(1, distance(...before)), now, minus(now, old));
	}

	function up(event) {
		if (!pointers.delete(event.pointerId) || pointers.size) return;
		if (gesture.moved) on.end(event, gesture.kind);
		else if (event.type === "pointerup") on.tap(event);
	}

	element.addEventListener("pointerdown", down);
	element.addEventListener("pointermove", move);
	for (const type of ["pointerup", "pointercancel"]) element.addEventListener(type, up);
}

const minus = ([x, y], [left, top]) => [x - left, y - top];
const distance = (one, other) => Math.hypot(...minus(one, other));
const middleOf = ([[x, y], [left, top]]) => [(x + left) / 2, (y + top) / 2];
