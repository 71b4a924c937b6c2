// Shows messages: those of the log by number, own ones before they have a number.

import { callList, card, textBeside } from "./cards.js";
import { day, times } from "./clock.js";
import { button, node } from "./nodes.js";
import { canRead, readAloud } from "./speech.js";
import { tag, word } from "./words.js";

const log = document.getElementById("log");
const main = document.getElementById("main");
const NEAR = 160; // px from the end within which new messages are followed
const pendingElements = new Map();

export const SOS = '/emergency{"step": "help"}';

export function showMessage(message, press) {
  const own = message.client_id && pendingElements.get(message.client_id);
  const element = own ?? document.createElement("article");
  element.replaceChildren(...parts(message, press));
  element.className = `message ${message.author}`;
  element.classList.toggle("urgent", message.card?.type === "emergency");
  element.dataset.seq = message.seq;
  element.dataset.at = message.created_at;
  element.lang = tag({ code: message.language, script: message.script });
  pendingElements.delete(message.client_id);
  place(element);
  if (message.translation) translate({ seq: message.seq, ...message.translation });
}

// A machine's translation, under the officer's own words; whether there was none before.
export function translate({ seq, language, script, text }) {
  const follow = atEnd();
  const bubble = log.querySelector(`[data-seq="${seq}"] .bubble`);
  const known = bubble.querySelector(".card");
  const card = node("div", "card");
  card.append(label("machine"), node("p", "", text));
  card.lastChild.lang = tag({ code: language, script });
  known ? known.replaceWith(card) : bubble.append(card);
  if (follow) toTurn();
  return !known;
}

// A message that the hub has not numbered yet; state is sending, waiting or failed.
export function showPending(pending, state, note = "") {
  const known = pendingElements.get(pending.client_id);
  const element = known ?? document.createElement("article");
  pendingElements.set(pending.client_id, element);
  element.className = `message traveler ${state}`;
  const bubble = node("div", "bubble", pending.text);
  const said = [word(state), note].filter(Boolean).join(" · ");
  element.replaceChildren(label("you", "author"), bubble, node("p", "state", said));
  // an SOS shows whom to call before any answer, and without connection
  if (pending.payload === SOS) element.append(firstHelp());
  if (!known) place(element);
}

export function clear() {
  log.querySelectorAll(".beat[aria-pressed=true]").forEach((beat) => beat.click());
  log.replaceChildren();
  pendingElements.clear();
}

export function isEmpty() {
  return log.childElementCount === 0;
}

// Whether the last message has come onto the screen, be it only with its beginning.
export function lastIsSeen() {
  const last = log.lastElementChild;
  return !last || last.getBoundingClientRect().top < main.getBoundingClientRect().bottom - 24;
}

export function toEnd() {
  main.scrollTop = main.scrollHeight;
}

// Shows what was asked last, if it is short, and its answer from the beginning.
export function toTurn() {
  const asked = [...log.querySelectorAll(".message.traveler")].at(-1);
  if (!asked) return toEnd();
  const long = asked.offsetHeight > main.clientHeight / 3;
  const from = long ? asked.nextElementSibling : asked;
  main.scrollTop += from.getBoundingClientRect().top - main.getBoundingClientRect().top - 8;
}

function atEnd() {
  return main.scrollHeight - main.scrollTop - main.clientHeight < NEAR;
}

// Shows again what is written in the page's language, after that has changed.
export function relabel() {
  const each = (which, text) => log.querySelectorAll(which).forEach((element) => (element.textContent = text(element)));
  each("time", ({ dateTime }) => times(dateTime));
  each("[data-named]", ({ dataset }) => word(dataset.named));
  each(".day", ({ dataset }) => day(dataset.at));
}

// What the page itself knows of an emergency; without words at least the numbers.
const calls = () => word("sos_calls") || ["120 CN", "110 CN", "119 CN", "112 KZ"].map((each) => ({ number: each.slice(0, 3), label: each.slice(4) }));

function firstHelp() {
  const help = node("div", "help");
  help.append(node("p", "", word("sos_now")), callList(calls()));
  return help;
}

export function firstHelpText() {
  return [word("sos_now"), ...calls().map(({ line }) => line)].join("\n");
}

// Numbered messages stand in the order of their numbers, own unsent ones last.
function place(element) {
  const own = element.classList.contains("traveler");
  const follow = atEnd();
  const number = Number(element.dataset.seq ?? Infinity);
  let before = log.lastElementChild;
  while (before && (before === element || Number(before.dataset.seq ?? Infinity) > number)) {
    before = before.previousElementSibling;
  }
  const next = before ? before.nextElementSibling : log.firstElementChild;
  if (next !== element) log.insertBefore(element, next);
  divide(element);
  if (own) toEnd();
  else if (follow) toTurn();
}

// A line with the date before the first message of a day.
function divide(element) {
  const at = element.dataset.at;
  if (!at) return;
  const before = element.previousElementSibling;
  if (before?.dataset.at && day(before.dataset.at) === day(at)) return;
  const line = node("p", "day", day(at));
  line.dataset.at = at;
  line.dataset.seq = element.dataset.seq - 0.5;
  element.before(line);
}

function parts(message, press) {
  const spoken = { code: message.language, script: message.script };
  const bubble = node("div", "bubble");
  // what we wrote is in a known script; what the traveler wrote tells its own direction
  if (message.author !== "traveler") bubble.dir = message.script === "Arab" ? "rtl" : "ltr";
  bubble.append(node("span", "", textBeside(message.text, message.card)));
  if (message.card) bubble.append(card(message.card, press));
  const all = [label(message.author === "traveler" ? "you" : message.author, "author"), bubble];
  if (message.buttons) {
    const row = node("div", "buttons");
    row.append(...message.buttons.map((each) => button("", each.title, () => press({ text: each.title, payload: each.payload }))));
    all.push(row);
  }
  const foot = node("p", "foot");
  const time = node("time", "", times(message.created_at));
  time.dateTime = message.created_at;
  foot.append(time);
  if (message.author !== "traveler") {
    foot.append(named("copy", ({ target }) => copy(message.text, target)));
    if (canRead(spoken)) foot.append(named("read_aloud", () => readAloud(message.text, spoken)));
  }
  all.push(foot);
  return all;
}

function label(name, className) {
  const element = node("p", className, word(name));
  element.dataset.named = name;
  return element;
}

function named(name, press) {
  const element = button("link", word(name), press);
  element.dataset.named = name;
  return element;
}

async function copy(text, pressed) {
  try {
    await navigator.clipboard.writeText(text);
    pressed.textContent = word("copied");
    setTimeout(() => (pressed.textContent = word("copy")), 2000);
  } catch {
    // no permission in a frame: mark the text, so that the traveler can copy it
    getSelection().selectAllChildren(pressed.closest("article").querySelector(".bubble"));
  }
}
