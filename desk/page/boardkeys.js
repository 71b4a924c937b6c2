// The board by keyboard: arrows go from card to card, with Shift the right one moves the card on.

import { MOVES } from "./requestcard.js";

const columns = document.getElementById("columns");
const STEPS = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 };

// `find(number)` gives the request; `push(request, column)` moves it.
export function onPush({ find, push }) {
  columns.addEventListener("keydown", (event) => {
    if (event.target.dataset.what !== "open" || !(event.key in STEPS) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const element = event.target.closest("[data-number]");
    if (event.shiftKey) {
      const request = find(element.dataset.number);
      const next = Object.keys(MOVES[request.state] ?? {})[0];
      if (event.key === "ArrowRight" && next) push(request, next);
      return;
    }
    const step = STEPS[event.key];
    const beside = event.key === "ArrowUp" || event.key === "ArrowDown" ? inColumn(element, step) : inRow(element, step);
    beside?.querySelector("[data-what=open]").focus();
  });
}

const inColumn = (element, step) => (step > 0 ? element.nextElementSibling : element.previousElementSibling);

// The card at the same height of the next column that has any.
function inRow(element, step) {
  const sections = [...columns.children].filter((each) => each.querySelector("li") || each.contains(element));
  const section = sections[sections.findIndex((each) => each.contains(element)) + step];
  const cards = [...(section?.querySelectorAll("[data-number]") ?? [])];
  return cards[Math.min([...element.parentElement.children].indexOf(element), cards.length - 1)];
}
