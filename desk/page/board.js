// The board: requests in columns by state, filtered, moved by hand or by button, as they change.

import * as api from "./api.js";
import { node } from "/page/nodes.js";
import { fillPaper, portDay } from "./daylist.js";
import { COLUMNS, MOVES, columnOf, fill, kindOf, open, stateOf, waiting } from "./requestcard.js";
import { askAccept, askEnd, onMove } from "./requestmove.js";
import { onChange, store } from "./store.js";
import { LANGUAGES, browserLanguage, knowColleagues, named, officerName, sayAloud, speak, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const AGAIN = 60000; // ms after which it is asked anew: requests grow late by themselves
const FILTERS = ["day", "state", "kind", "spoken"];

let officer = null;
let stream = null;
let last = { requests: [], places: [] };
let loaded = false;
const elements = new Map(); // by number
const moving = new Set(); // numbers whose move is on its way

// ---- who is signed in

async function start() {
  readAddress();
  await relabel(store.language ?? browserLanguage());
  for (;;) {
    try {
      return signedIn(await api.me());
    } catch (error) {
      if (error.code) return showDoor();
      showStatus(word("board_offline"));
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

function signedIn(own) {
  officer = own;
  $("me").textContent = officerName(own);
  showDoor(false);
  showStatus("");
  stream?.end();
  // what changed while there was no connection is asked for after it stands
  let fresh = false;
  const before = () => void (fresh = true);
  stream = new api.Stream(null, before, (name, data) => {
    EVENTS[name]?.(data);
    if (name === "requests" || fresh) load();
    fresh = false;
  });
  load();
}

function showDoor(shown = true) {
  $("door").hidden = !shown;
  for (const id of ["board", "me", "skip"]) $(id).hidden = shown;
  if (!shown) return;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  stream?.end();
  stream = officer = null;
  last = { requests: [], places: [] };
  loaded = false;
  show();
}

// A token may be old because this officer signed in again in another tab.
let asking = false;
async function sessionLost() {
  if (asking || !officer) return;
  asking = true;
  try {
    signedIn(await api.me());
  } catch (error) {
    if (error.code) showDoor();
  } finally {
    asking = false;
  }
}

// ---- what the hub tells

const EVENTS = {
  queue({ officers, alarms = [] }) {
    if (knowColleagues(officers)) show();
    $("alarmed").hidden = !alarms.length;
  },
  alarm: () => ($("alarmed").hidden = false),
  signed_out: sessionLost,
  refused: (error) => showStatus(error.message),
};

let asked = 0;
async function load() {
  if (!officer) return;
  const turn = ++asked;
  try {
    // without a day or state the hub leaves out what ended long ago
    const narrowed = ["day", "state"].filter((name) => $(name).value).map((name) => [name, $(name).value]);
    const found = await api.requests(narrowed);
    if (turn !== asked || !officer) return;
    tellNew(found.requests);
    last = found;
    loaded = true;
    showStatus("");
    show();
  } catch (error) {
    if (turn === asked && !error.session) showStatus(error.code ? error.message : word("board_offline"));
  }
}

function tellNew(requests) {
  if (!loaded) return;
  const known = new Set(last.requests.map(({ number }) => number));
  for (const request of requests) {
    if (request.state !== "requested" || known.has(request.number) || Date.now() - Date.parse(request.created_at) > AGAIN) continue;
    sayAloud(word("board_new", { number: request.number, kind: kindOf(request) }));
  }
}

// ---- the columns

function shown() {
  const { state, kind, spoken } = Object.fromEntries(FILTERS.map((name) => [name, $(name).value]));
  return last.requests.filter(
    (each) => (!state || each.state === state) && (!kind || each.kind === kind) && (!spoken || each.language === spoken),
  );
}

// What ended on other days stands in nobody's way, unless it is asked for.
const wanted = (request) =>
  open(request) || $("day").value || $("state").value || portDay(request.updated_at) === portDay(new Date().toISOString());

const order = (one, other) =>
  open(one)
    ? (one.due_at ?? one.created_at).localeCompare(other.due_at ?? other.created_at)
    : other.updated_at.localeCompare(one.updated_at);

function show() {
  const focused = document.activeElement;
  const held = focused?.closest?.("#columns [data-number]");
  const column = held?.closest("section");
  const requests = shown().filter(wanted);
  for (const name of Object.keys(COLUMNS)) {
    const { title, list, none } = columnElement(name);
    const inside = requests.filter((each) => columnOf(each) === name).sort(order);
    title.textContent = word("board_column", { name: named("board_column", name), count: inside.length });
    none.textContent = word(loaded ? "board_none" : "loading");
    none.hidden = inside.length > 0;
    const cards = inside.map(card);
    // cards that stand right already are left alone, so that the focus stays
    cards.forEach((each, at) => list.children[at] !== each && list.insertBefore(each, list.children[at] ?? null));
    while (list.children.length > cards.length) list.lastElementChild.remove();
  }
  const numbers = new Set(requests.map(({ number }) => number));
  for (const number of [...elements.keys()]) if (!numbers.has(number)) elements.delete(number);
  if (held && document.activeElement !== focused) giveFocusBack(held.dataset.number, focused.dataset.what, column);
  showSummary(requests);
  showFilters();
  const today = portDay(new Date().toISOString());
  fillPaper($("paper"), shown(), $("day").value || today, filtersNamed());
}

// To the same button of the same card, else to its number, else to the top of the column.
function giveFocusBack(number, what, column) {
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

function card(request) {
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

function showSummary(requests) {
  const waits = requests.filter(({ state }) => state === "requested").length;
  const late = requests.filter((each) => each.late).length;
  $("summary").textContent = word(loaded ? "board_summary" : "loading", { waits, late });
  document.title = waits ? `(${waits}) ${word("board_title")}` : word("board_title");
}

function tick() {
  for (const wait of document.querySelectorAll("[data-waits]")) {
    const number = wait.closest("[data-number]").dataset.number;
    const text = waiting(find(number));
    if (wait.textContent !== text) wait.textContent = text;
  }
}

const find = (number) => last.requests.find((each) => each.number === number);

// ---- the filter, kept in the address

function readAddress() {
  const address = new URLSearchParams(location.search);
  $("day").value = address.get("day") ?? "";
  for (const name of ["state", "kind", "spoken"]) {
    const value = address.get(name) ?? "";
    $(name).replaceChildren(new Option("", ""), ...(value ? [new Option("", value, true, true)] : []));
  }
}

function showFilters() {
  options("state", Object.values(COLUMNS).flat(), "board_state");
  options("kind", [...new Set(last.requests.map(({ kind }) => kind))].sort(), "board_kind");
  options("spoken", LANGUAGES, "language");
  $("clear").hidden = FILTERS.every((name) => !$(name).value);
}

function options(id, values, family) {
  const chosen = $(id).value;
  const all = ["", ...(chosen && !values.includes(chosen) ? [chosen] : []), ...values];
  const named_ = all.map((value) => (value ? named(family, value) : word("board_all")));
  // an open list must not change under the pointer
  const state = JSON.stringify([all, named_]);
  if ($(id).dataset.state === state) return;
  $(id).dataset.state = state;
  $(id).replaceChildren(...all.map((value, at) => new Option(named_[at], value, false, value === chosen)));
}

const filtersNamed = () =>
  ["state", "kind", "spoken"].filter((id) => $(id).value).map((id) => $(id).selectedOptions[0].textContent);

$("filter").addEventListener("submit", (event) => event.preventDefault());
$("filter").addEventListener("change", ({ target }) => {
  const chosen = FILTERS.filter((name) => $(name).value).map((name) => [name, $(name).value]);
  history.replaceState(null, "", chosen.length ? `?${new URLSearchParams(chosen)}` : location.pathname);
  show();
  sayAloud($("summary").textContent);
  if (target.id === "day" || target.id === "state") load();
});
$("clear").addEventListener("click", () => {
  for (const name of FILTERS) $(name).value = "";
  $("day").dispatchEvent(new Event("change", { bubbles: true }));
  $("day").focus();
});
$("print").addEventListener("click", () => window.print());

// ---- moving a request

function press(what, request) {
  const now = find(request.number) ?? request;
  if (what === "accept") askAccept(now, last.places);
  else if (what === "refuse" || what === "cancel") askEnd(now, [what]);
  else attempt(what, now);
}

function toColumn(request, column) {
  const ways = MOVES[request.state]?.[column];
  if (!ways) return;
  if (column === "over") askEnd(request, ways);
  else press(ways[0], request);
}

async function attempt(what, request) {
  try {
    await make(what, request, {});
  } catch (error) {
    showStatus(error.code ? error.message : word("board_failed"));
  }
}

// Raises what the hub refuses, but for a request that is another by now: that is told and shown.
async function make(what, { number, version }, body) {
  if (moving.has(number)) return;
  moving.add(number);
  try {
    await api.move(number, what, { ...body, version });
    await load();
    tellState(number, "board_moved");
  } catch (error) {
    if (error.status !== 409) throw error;
    await load();
    if (error.code === "request_changed") tellState(number, "board_changed");
    else showStatus(error.message);
  } finally {
    moving.delete(number);
  }
}

function tellState(number, name) {
  const now = find(number);
  const text = now ? word(name, { number, state: stateOf(now) }) : word("board_vanished", { number });
  if (name === "board_moved" && now) sayAloud(text);
  else showStatus(text);
}

// The button that opened the dialog may be another by now, or gone.
onMove(make, (number, what) => {
  if (!$("columns").contains(document.activeElement)) giveFocusBack(number, what, $("columns").firstElementChild);
});

// ---- by hand

let dragged = null;

$("columns").addEventListener("dragstart", (event) => {
  dragged = find(event.target.closest?.("[data-number]")?.dataset.number);
  if (!dragged) return;
  event.dataTransfer.setData("text/plain", dragged.number);
  event.dataTransfer.effectAllowed = "move";
  for (const section of $("columns").children) {
    section.classList.toggle("takes", section.dataset.column in (MOVES[dragged.state] ?? {}));
  }
});
$("columns").addEventListener("dragover", (event) => {
  const section = event.target.closest("section.takes");
  for (const each of $("columns").children) each.classList.toggle("aimed", each === section);
  if (section) event.preventDefault();
});
$("columns").addEventListener("drop", (event) => {
  const section = event.target.closest("section.takes");
  if (!section || !dragged) return;
  event.preventDefault();
  toColumn(find(dragged.number) ?? dragged, section.dataset.column);
});
$("columns").addEventListener("dragend", () => {
  dragged = null;
  for (const section of $("columns").children) section.classList.remove("takes", "aimed");
});

// ---- by keyboard: arrows go from card to card, with Shift the right one moves the card on

const STEPS = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 };

$("columns").addEventListener("keydown", (event) => {
  if (event.target.dataset.what !== "open" || !(event.key in STEPS) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const element = event.target.closest("[data-number]");
  if (event.shiftKey) {
    const request = find(element.dataset.number);
    const next = Object.keys(MOVES[request.state] ?? {})[0];
    if (event.key === "ArrowRight" && next) toColumn(request, next);
    return;
  }
  const step = STEPS[event.key];
  const beside = event.key === "ArrowUp" || event.key === "ArrowDown" ? inColumn(element, step) : inRow(element, step);
  beside?.querySelector("[data-what=open]").focus();
});

const inColumn = (element, step) => (step > 0 ? element.nextElementSibling : element.previousElementSibling);

// The card at the same height of the next column that has any.
function inRow(element, step) {
  const sections = [...$("columns").children].filter((each) => each.querySelector("li") || each.contains(element));
  const section = sections[sections.findIndex((each) => each.contains(element)) + step];
  const cards = [...(section?.querySelectorAll("[data-number]") ?? [])];
  return cards[Math.min([...element.parentElement.children].indexOf(element), cards.length - 1)];
}

// ---- words, connection

async function relabel(code) {
  try {
    await speak(code);
    store.language = code;
  } catch {
    // the page keeps the words it has
    if (!document.documentElement.lang) return;
  }
  $("language").value = document.documentElement.lang;
  if (officer) $("me").textContent = officerName(officer);
  show();
}

function showStatus(text) {
  if ($("status").textContent === text) return;
  $("status").textContent = text;
  $("status").hidden = !text;
  if (text) sayAloud(text);
}

function wake() {
  stream?.wake();
  load();
}

$("language").addEventListener("change", () => relabel($("language").value));
api.onSignedOut(sessionLost);
onChange((key) => key === "baktu.desk.language" && relabel(store.language));
addEventListener("online", wake);
addEventListener("offline", () => showStatus(word("board_offline")));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
setInterval(load, AGAIN);
setInterval(tick, 10000);
start();
