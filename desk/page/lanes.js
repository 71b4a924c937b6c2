// The page on which officers enter how many wait at each lane: in seconds, by keyboard or phone.

import { button, node } from "/page/nodes.js";
import * as api from "./api.js";
import { isSignedIn, showStatus, visit } from "./visit.js";
import { knowColleagues, moment, officerName, sayAloud, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const FIELDS = { waiting: 4, minutes: 4 }; // digits at most

let lanes = [];
let staleAfter = 0; // seconds
const rows = new Map(); // by lane

const nameOf = (lane) => word(`lane_${lane}`);
const isOld = ({ at }) => Date.now() - Date.parse(at) > staleAfter * 1000;

let asked = 0;
async function load() {
  const turn = ++asked;
  try {
    const found = await api.lanes();
    if (turn !== asked || !isSignedIn()) return;
    showStatus("");
    take(found);
  } catch (error) {
    if (turn === asked && !error.session) showStatus(error.code ? error.message : word("board_offline"));
  }
}

function take(found) {
  const first = !lanes.length;
  lanes = found.lanes;
  staleAfter = found.stale_after;
  show();
  if (first && matchMedia("(hover: hover)").matches) firstField().focus();
}

const firstField = () => document.querySelector("#lanes input");

// ---- the rows: what is being typed stays, whatever comes meanwhile

function show() {
  document.title = word("lanes_title");
  $("intro").textContent = word("lanes_intro", { minutes: staleAfter / 60 });
  for (const lane of lanes) {
    if (!rows.has(lane.lane)) rows.set(lane.lane, makeRow(lane));
    fillRow(rows.get(lane.lane), lane);
  }
  const wanted = lanes.map(({ lane }) => rows.get(lane).element);
  wanted.forEach((each, at) => $("lanes").children[at] !== each && $("lanes").insertBefore(each, $("lanes").children[at] ?? null));
  while ($("lanes").children.length > wanted.length) $("lanes").lastElementChild.remove();
}

function makeRow({ lane }) {
  const element = node("li");
  element.dataset.lane = lane;
  const about = node("div", "about");
  const name = node("h2");
  const last = node("p", "last");
  about.append(name, last);
  const inputs = {};
  const labels = {};
  const fields = Object.entries(FIELDS).map(([field, digits]) => {
    const label = node("label");
    labels[field] = node("span");
    inputs[field] = node("input");
    Object.assign(inputs[field], { name: field, type: "text", inputMode: "numeric", maxLength: digits, autocomplete: "off", enterKeyHint: "done" });
    label.append(labels[field], inputs[field]);
    return label;
  });
  const same = button("", "", () => send([figureOf(lane)], lane));
  const clear = button("plain risky", "", () => send([{ lane, waiting: null }], lane));
  same.dataset.what = "same";
  clear.dataset.what = "clear";
  const row = node("div", "row");
  row.append(same, clear);
  element.append(about, ...fields, row);
  return { element, name, last, inputs, labels, same, clear };
}

function fillRow({ element, name, last, inputs, labels, same, clear }, lane) {
  const never = !lane.at;
  element.className = never ? "never" : isOld(lane) ? "old" : "";
  write(name, nameOf(lane.lane));
  write(last, lastOf(lane));
  const texts = { waiting: word(`lanes_waiting_${lane.counts}`), minutes: word("lanes_minutes") };
  for (const field of Object.keys(FIELDS)) {
    write(labels[field], texts[field]);
    const said = field === "minutes" ? `${texts[field]} – ${word("lanes_minutes_hint")}` : texts[field];
    inputs[field].setAttribute("aria-label", word("lanes_of", { lane: nameOf(lane.lane), field: said }));
  }
  for (const [press, text] of [[same, word("lanes_same")], [clear, word("lanes_clear")]]) {
    write(press, text);
    press.setAttribute("aria-label", word("lanes_action", { action: text, lane: nameOf(lane.lane) }));
    press.hidden = never;
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function lastOf(lane) {
  if (!lane.at) return word("lanes_never");
  const { counts, waiting: count, minutes, at, officer } = lane;
  const bare = word(`lanes_figure_${counts}`, { count });
  const figure = minutes === null ? bare : word("lanes_figure_minutes", { figure: bare, minutes });
  const told = word("lanes_last", { figure, times: moment(at), officer: officerName(officer) });
  return isOld(lane) ? `${told} · ${word("lanes_old", { minutes: staleAfter / 60 })}` : told;
}

// ---- entering

function figureOf(lane) {
  const { waiting, minutes } = lanes.find((each) => each.lane === lane);
  return { lane, waiting, minutes };
}

// What was typed, or null when something of it is no number.
function typed() {
  const figures = [];
  let wrong = null;
  for (const [lane, { inputs }] of rows) {
    const texts = Object.fromEntries(Object.keys(FIELDS).map((field) => [field, inputs[field].value.trim()]));
    for (const field of Object.keys(FIELDS)) {
      // minutes alone say nothing
      const bad = texts[field] ? !/^\d+$/.test(texts[field]) : field === "waiting" && Boolean(texts.minutes);
      inputs[field].setAttribute("aria-invalid", String(bad));
      if (bad) wrong ??= inputs[field];
    }
    if (texts.waiting) figures.push({ lane, waiting: Number(texts.waiting), minutes: texts.minutes ? Number(texts.minutes) : null });
  }
  wrong?.focus();
  return wrong ? null : figures;
}

let sending = false;
async function send(figures, lane) {
  if (sending) return;
  sending = true;
  $("said").textContent = "";
  try {
    take(await api.enterFigures(figures));
    for (const figure of figures) {
      for (const input of Object.values(rows.get(figure.lane).inputs)) input.value = "";
    }
    $("done").textContent = word("lanes_saved", { count: figures.length });
    sayAloud($("done").textContent);
    if (lane) rows.get(lane).inputs.waiting.focus({ preventScroll: true });
  } catch (error) {
    $("said").textContent = error.code ? error.message : word("board_failed");
  } finally {
    sending = false;
  }
}

$("figures").addEventListener("submit", (event) => {
  event.preventDefault();
  $("done").textContent = "";
  const figures = typed();
  if (figures?.length) return send(figures);
  $("said").textContent = word(figures ? "lanes_nothing" : "lanes_bad");
  if (figures) firstField().focus();
});

// Up and down go to the same field of another lane.
$("lanes").addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || event.target.localName !== "input") return;
  event.preventDefault();
  const item = event.target.closest("li");
  const other = step > 0 ? item.nextElementSibling : item.previousElementSibling;
  const field = other?.querySelector(`[name=${event.target.name}]`);
  field?.focus();
  field?.select();
});

function tell(name, { officers, alarms = [] }) {
  if (name === "alarm") $("alarmed").hidden = false;
  if (name !== "queue") return;
  if (knowColleagues(officers)) show();
  $("alarmed").hidden = !alarms.length;
}

setInterval(show, 10000);
visit({
  load,
  show,
  tell,
  events: ["lanes"],
  empty() {
    lanes = [];
    rows.clear();
  },
});
