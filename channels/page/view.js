// Shows messages: those of the log by number, own ones before they have a number.

import { tag, word } from "./words.js";

const log = document.getElementById("log");
const main = document.querySelector("main");
const shown = new Map();

export function showMessage(message, onButton) {
  const own = message.client_id && shown.get(message.client_id);
  const element = own ?? document.createElement("article");
  element.replaceChildren(...parts(message, onButton));
  element.className = `message ${message.author}`;
  element.dataset.seq = message.seq;
  element.lang = tag({ code: message.language, script: message.script });
  shown.delete(message.client_id);
  for (const button of log.querySelectorAll(".buttons button")) {
    if (message.author === "traveler" && !element.contains(button)) button.disabled = true;
  }
  place(element);
}

export function showPending(pending, state, note = "") {
  const known = shown.get(pending.client_id);
  const element = known ?? document.createElement("article");
  shown.set(pending.client_id, element);
  element.className = `message traveler ${state}`;
  element.replaceChildren(
    node("p", "author", word("you")),
    node("div", "bubble", pending.text),
    node("p", "state", [word(state), note].filter(Boolean).join(" · ")),
  );
  if (!known) place(element);
}

export function clear() {
  log.replaceChildren();
  shown.clear();
}

export function isEmpty() {
  return log.childElementCount === 0;
}

// Numbered messages stand in the order of their numbers, own unsent ones last.
function place(element) {
  const near = main.scrollHeight - main.scrollTop - main.clientHeight < 160;
  const seq = Number(element.dataset.seq ?? Infinity);
  const next = [...log.children].find(
    (other) => other !== element && Number(other.dataset.seq ?? Infinity) > seq,
  );
  if (element.nextElementSibling !== (next ?? null) || !element.isConnected) {
    log.insertBefore(element, next ?? null);
  }
  if (near || element.classList.contains("traveler")) main.scrollTop = main.scrollHeight;
}

function parts(message, onButton) {
  const bubble = node("div", "bubble", message.text);
  bubble.dir = "auto";
  if (message.card) bubble.append(card(message.card));
  const all = [node("p", "author", word(message.author === "traveler" ? "you" : message.author)), bubble];
  if (message.buttons) {
    const row = node("div", "buttons");
    for (const { title, payload } of message.buttons) {
      const button = node("button", "", title);
      button.type = "button";
      button.dir = "auto";
      button.addEventListener("click", () => onButton({ text: title, payload }));
      row.append(button);
    }
    all.push(row);
  }
  return all;
}

function card({ title, lines, verified, note }) {
  const element = node("aside", "card");
  element.setAttribute("aria-label", title);
  const texts = lines.map(({ name, date }) => `${title}: ${name}, ${date}`);
  element.append(...[...texts, verified, note].filter(Boolean).map((text) => node("p", "", text)));
  return element;
}

function node(name, className, text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text) element.textContent = text;
  if (text) element.dir = "auto";
  return element;
}
