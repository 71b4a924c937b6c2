// The columns and their cards: what has not changed is left alone, and the focus stays where it was.

import { node } from "/page/nodes.js";
import { COLUMNS, columnOf, fill, open } from "./requestcard.js";
import { named, officerName, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const elements = new Map(); // by number

const order = (one, other) =>
  open(one)
    ? (one.due_at ?? one.created_at).localeCompare(other.due_at ?? other.created_at)
    : other.updated_at.localeCompare(one.updated_at);

// `press(what, request)` is called for one of a card's actions.
export function showColumns(requests, loaded, press) {
  const focused = document.activeElement;
  const held = focused?.closest?.("#columns [data-number]");
  const column = held?.closest("section");
  for (const name of Object.keys(COLUMNS)) {
    const { title, list, none } = columnElement(name);
    const inside = requests.filter((each) => columnOf(each) === name).sort(order);
    title.textContent = word("board_column", { name: named("board_column", name), count: inside.length });
    none.textContent = word(loaded ? "board_none" : "loading");
    none.hidden = inside.length > 0;
    const cards = inside.map((each) => card(each, press));
    // cards that stand right already are left alone, so that the focus stays
    cards.forEach((each, at) => list.children[at] !== each && list.insertBefore(each, list.children[at] ?? null));
    while (list.children.length > cards.length) list.lastElementChild.remove();
  }
  const numbers = new Set(requests.map(({ number }) => number));
  for (const number of [...elements.keys()]) if (!numbers.has(number)) elements.delete(number);
  if (held && document.activeElement !== focused) focusAgain(held.dataset.number, focused.dataset.what, column);
}

// To the same button of the same card, else to its number, else to the top of the column.
export function focusAgain(number, what, column = $("columns").firstElementChild) {
  const element = elements.get(number);
  const same = what && element?.querySelector(`[data-what="${what}"]`);
  (same || element?.querySelector("[data-what=open]") || column.firstElementChild).focus();
}

function columnElement(name) {
  let section = document.querySelector(`#columns [data-column=${name}]`);
  if (!section) {
    section = node("section");
    section.dataset.column = name;
    const title = node("h2");
    title.id = `column-${name}`;
    title.tabIndex = -1;
    section.setAttribute("aria-labelledby", title.id);
    section.append(title, node("p", "quiet none"), node("ul"));
    $("columns").append(section);
  }
  const [title, none, list] = section.children;
  return { title, none, list };
}

function card(request, press) {
  const { number } = request;
  const element = elements.get(number) ?? node("li");
  elements.set(number, element);
  // what has not changed is not written again: somebody may be reading it
  const state = JSON.stringify([request, document.documentElement.lang, officerName(request.officer ?? 0)]);
  if (element.dataset.state !== state) {
    element.dataset.state = state;
    fill(element, request, press);
  }
  return element;
}
