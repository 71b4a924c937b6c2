// The line of messages, notes and events: where each belongs, the days between them, and its end.

import { node } from "/page/nodes.js";
import { day } from "./words.js";

const line = document.getElementById("timeline");
const NEAR = 120; // px from the end within which new messages are followed
const items = new Map();
let filling = false;

// Empties the line; `text` stands there until something is put.
export function clear(text = "") {
  items.clear();
  line.replaceChildren(...(text ? [node("p", "quiet", text)] : []));
}

// Puts many things at once: days and the scroll position are seen to afterwards.
export function fill(work) {
  const follow = atEnd();
  filling = true;
  work();
  filling = false;
  divide();
  if (follow) toEnd();
}

export const has = (key) => items.has(key);

// Puts an element where it belongs: messages by number, all else by time, unsent ones last.
export function put(key, draw, at, seq = null) {
  const follow = near();
  const known = items.get(key);
  const element = known?.element ?? node("article");
  items.set(key, { element, draw, at, seq });
  element.item = { at, seq };
  draw(element);
  // what stands where it belongs stays: replies on their way are in the order of their writing
  if (known?.at === at && known.seq === seq) return void (follow && !filling && toEnd());
  const later = ({ item }) => (seq !== null && item.seq !== null ? item.seq > seq : item.at > at);
  let next = line.lastElementChild;
  let before = null;
  while (next && (next === element || !next.item || later(next))) {
    if (next !== element && next.item) before = next;
    next = next.previousElementSibling;
  }
  line.insertBefore(element, before);
  if (filling) return;
  divide();
  if (follow) toEnd();
}

export function remove(key) {
  items.get(key)?.element.remove();
  return items.delete(key);
}

export function redraw(key) {
  const follow = near();
  const item = items.get(key);
  item?.draw(item.element);
  if (follow && !filling) toEnd();
}

export function redrawAll() {
  for (const { element, draw } of items.values()) draw(element);
  if (items.size) divide();
}

// Lines with the date where a day begins.
function divide() {
  let last = "";
  for (const element of [...line.children]) {
    if (!element.item) element.remove();
    else if (Number.isFinite(element.item.at)) {
      const now = day(new Date(element.item.at).toISOString());
      if (now !== last) element.before(node("p", "day", now));
      last = now;
    }
  }
}

export function toEnd() {
  line.scrollTop = line.scrollHeight;
}

const fromEnd = () => line.scrollHeight - line.scrollTop - line.clientHeight;
const near = () => fromEnd() < NEAR;
export const atEnd = () => fromEnd() < 24;

// Whether somebody can see the line's end now.
export const isSeen = () => document.visibilityState === "visible" && line.clientHeight > 0 && atEnd();
