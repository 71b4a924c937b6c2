// Moving a card by hand: with a mouse by the whole card, with a finger or pen by its handle.
//
// Pointer events, since the browsers' own drag and drop knows no touch. Columns that are out of sight, as on
// a phone, stand in a bar at the bottom while a card is held.

import { node } from "/page/nodes.js";
import { COLUMNS, MOVES, kindOf } from "./requestcard.js";
import { named } from "./words.js";

const columns = document.getElementById("columns");
const bar = document.getElementById("drops");
const FAR = 6; // px after which a press is a drag
const PRESSED = "a, button, summary, select, input";

let find = () => undefined;
let drop = () => {};
let held = null; // {pointer, number, x, y}
let ghost = null; // what follows the pointer, once it is a drag

// `find(number)` gives the request; `drop(request, column)` moves it.
export function onDrop(handles) {
  ({ find, drop } = handles);
}

columns.addEventListener("pointerdown", (event) => {
  const element = event.target.closest("[data-movable]");
  const grip = event.target.closest(".grip");
  if (!element || held || !event.isPrimary || event.button !== 0) return;
  if (!grip && (event.pointerType !== "mouse" || event.target.closest(PRESSED))) return;
  held = { pointer: event.pointerId, number: element.dataset.number, x: event.clientX, y: event.clientY };
  // cards are drawn anew under the pointer, the columns stay
  columns.setPointerCapture(event.pointerId);
});

columns.addEventListener("pointermove", (event) => {
  if (event.pointerId !== held?.pointer) return;
  if (!ghost && Math.hypot(event.clientX - held.x, event.clientY - held.y) < FAR) return;
  if (!ghost && !lift()) return release();
  ghost.style.transform = `translate(${event.clientX}px, ${event.clientY}px)`;
  const aimed = columnAt(event);
  for (const each of document.querySelectorAll(".takes")) each.classList.toggle("aimed", each === aimed);
});

columns.addEventListener("pointerup", (event) => {
  if (event.pointerId !== held?.pointer) return;
  const request = ghost && find(held.number);
  const aimed = ghost && columnAt(event)?.dataset;
  release();
  if (request && aimed) drop(request, aimed.column ?? aimed.to);
});

columns.addEventListener("pointercancel", ({ pointerId }) => pointerId === held?.pointer && release());
addEventListener("keydown", ({ key }) => key === "Escape" && held && release());
// a press that may become a drag marks no text, and a long one on the handle opens no menu
document.addEventListener("selectstart", (event) => held && event.preventDefault());
columns.addEventListener("contextmenu", (event) => event.target.closest(".grip") && event.preventDefault());

const columnAt = ({ clientX, clientY }) => document.elementFromPoint(clientX, clientY)?.closest(".takes");

function lift() {
  const request = find(held.number);
  if (!request) return false;
  ghost = node("p", "ghost", `${request.number} · ${kindOf(request)}`);
  document.body.append(ghost);
  columns.querySelector(`[data-number="${CSS.escape(held.number)}"]`)?.classList.add("lifted");
  const taking = Object.keys(MOVES[request.state] ?? {});
  const sections = [...columns.children].filter(({ dataset }) => taking.includes(dataset.column));
  for (const section of sections) section.classList.add("takes");
  bar.hidden = sections.every(inSight);
  bar.replaceChildren(...Object.keys(COLUMNS).filter((each) => taking.includes(each)).map(target));
  return true;
}

function inSight(section) {
  const { top, bottom } = section.firstElementChild.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}

function target(column) {
  const element = node("p", "takes", named("board_column", column));
  element.dataset.to = column;
  return element;
}

function release() {
  if (columns.hasPointerCapture(held.pointer)) columns.releasePointerCapture(held.pointer);
  held = null;
  ghost?.remove();
  ghost = null;
  bar.hidden = true;
  bar.replaceChildren();
  for (const each of document.querySelectorAll(".takes, .lifted")) each.classList.remove("takes", "aimed", "lifted");
}
