// What a move asks of the officer before it is made: place and time, or a reason.

import { node } from "/page/nodes.js";
import { helpOf, kindOf, moment, peopleOf } from "./requestcard.js";
import { named, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const PORT = 8 * 3600000; // ms by which the port's clock is before UTC
const REASONS = {
  refuse: ["not_available", "port_closed", "other_side", "details_missing"],
  cancel: ["not_needed", "twice", "not_come", "settled"],
};

let go = async () => {};
let request = null;

// `make(what, request, body)` makes the move; raises what can't be made, to be told in the dialog.
export function onMove(make) {
  go = make;
}

const which = ({ number, ...rest }) => [number, kindOf(rest), helpOf(rest), peopleOf(rest)].filter(Boolean).join(" · ");

function show(dialog, chosen) {
  request = chosen;
  dialog.querySelector(".which").textContent = which(chosen);
  dialog.querySelector(".said").textContent = "";
  dialog.querySelector("button.main").disabled = false;
  dialog.showModal();
}

export function askAccept(chosen, places) {
  $("place").replaceChildren(...places.map((key) => new Option(named("board_place", key), key)));
  if (chosen.place) $("place").value = chosen.place;
  $("at").value = chosen.due_at ? new Date(Date.parse(chosen.due_at) + PORT).toISOString().slice(0, 16) : "";
  $("no-places").hidden = places.length > 0;
  $("place").disabled = !places.length;
  const text = word(chosen.state === "accepted" ? "board_accept_again" : "board_accept");
  $("accept-title").textContent = word(chosen.state === "accepted" ? "board_accept_again" : "board_accept_title");
  tellThere();
  show($("accept"), chosen);
  $("accept").querySelector("button.main").textContent = text;
  $("accept").querySelector("button.main").disabled = !places.length;
}

// What was picked is the port's time, whatever clock this computer has.
function picked() {
  return $("at").value ? new Date(Date.parse(`${$("at").value}Z`) - PORT).toISOString() : null;
}

function tellThere() {
  $("at-there").textContent = picked() ? moment(picked()) : "";
}

// `ways` are the ways to end it: one, or both to choose from.
export function askEnd(chosen, ways) {
  $("end-how").hidden = ways.length < 2;
  for (const radio of document.querySelectorAll("[name=how]")) radio.checked = radio.value === ways[0];
  showReasons();
  $("reason-own").value = "";
  show($("end"), chosen);
}

const way = () => document.querySelector("[name=how]:checked").value;
const reason = () => document.querySelector("[name=reason]:checked");

function showReasons() {
  $("end-title").textContent = word(way() === "refuse" ? "board_refuse_title" : "board_cancel_title");
  $("end").querySelector("button.main").textContent = word(way() === "refuse" ? "board_refuse" : "board_cancel");
  $("reasons").replaceChildren(...REASONS[way()].map(choice));
  document.querySelector("[name=reason][value='']").checked = false;
  showOwn();
}

function choice(key) {
  const label = node("label", "check");
  const radio = node("input");
  Object.assign(radio, { type: "radio", name: "reason", value: key, required: true });
  label.append(radio, node("span", "", named("board_reason", key)));
  return label;
}

function showOwn() {
  const own = reason()?.value === "";
  $("reason-own").hidden = !own;
  $("reason-own").required = own;
}

$("end-how").addEventListener("change", showReasons);
$("end").addEventListener("change", ({ target }) => {
  if (target.name !== "reason") return;
  showOwn();
  if (target.value === "") $("reason-own").focus();
});
$("at").addEventListener("input", tellThere);

async function submit(dialog, what, body) {
  const press = dialog.querySelector("button.main");
  press.disabled = true;
  try {
    await go(what, request, body);
    dialog.close();
  } catch (error) {
    dialog.querySelector(".said").textContent = error.code ? error.message : word("board_failed");
  } finally {
    press.disabled = false;
  }
}

$("accept").addEventListener("submit", (event) => {
  event.preventDefault();
  submit($("accept"), "accept", { place: $("place").value, ...(picked() && { at: picked() }) });
});

$("end").addEventListener("submit", (event) => {
  event.preventDefault();
  submit($("end"), way(), { reason: reason().value || $("reason-own").value.trim() });
});

for (const dialog of [$("accept"), $("end")]) {
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog || "close" in target.dataset) dialog.close();
  });
}
