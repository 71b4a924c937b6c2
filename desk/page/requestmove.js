// What a move asks of the officer before it is made: place and time, or a reason.

import { node } from "/page/nodes.js";
import { helpOf, kindOf, moment, needsPlace, peopleOf } from "./requestcard.js";
import { named, reasons, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const PORT = 8 * 3600000; // ms by which the port's clock is before UTC

let go = async () => {};
let closed = () => {};
let request = null;

// `make(what, request, body)` makes the move; raises what can't be made, to be told in the dialog.
// `after(number, what)` is called when the dialog that `what` opened has been closed.
export function onMove(make, after) {
  go = make;
  closed = after;
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
  const must = needsPlace(chosen);
  const none = must ? [] : [new Option(word("board_no_place"), "")];
  $("place").replaceChildren(...none, ...places.map((key) => new Option(named("board_place", key), key)));
  $("place").required = must;
  if (chosen.place) $("place").value = chosen.place;
  $("at").value = chosen.due_at ? new Date(Date.parse(chosen.due_at) + PORT).toISOString().slice(0, 16) : "";
  $("at").dataset.before = $("at").value;
  $("no-places").hidden = places.length > 0 || !must;
  $("place").disabled = !places.length;
  const text = word(chosen.state === "accepted" ? "board_accept_again" : "board_accept");
  $("accept-title").textContent = word(chosen.state === "accepted" ? "board_accept_again" : "board_accept_title");
  tellThere();
  show($("accept"), chosen);
  $("accept").querySelector("button.main").textContent = text;
  $("accept").querySelector("button.main").disabled = must && !places.length;
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
const chosenReason = () => document.querySelector("[name=reason]:checked");

function showReasons() {
  $("end-title").textContent = word(way() === "refuse" ? "board_refuse_title" : "board_cancel_title");
  $("end").querySelector("button.main").textContent = word(way() === "refuse" ? "board_refuse" : "board_cancel");
  $("reasons").replaceChildren(...reasons(way()).map(choice));
  document.querySelector("[name=reason][value='']").checked = false;
  showOwn();
}

function choice([key, text]) {
  const label = node("label", "check");
  const radio = node("input");
  Object.assign(radio, { type: "radio", name: "reason", value: key, required: true });
  label.append(radio, node("span", "", text));
  return label;
}

function showOwn() {
  const own = chosenReason()?.value === "";
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
  // the time asked for stays to the second, also when it is past
  const another = $("at").value !== $("at").dataset.before && picked();
  submit($("accept"), "accept", { place: $("place").value || null, ...(another && { at: another }) });
});

$("end").addEventListener("submit", (event) => {
  event.preventDefault();
  submit($("end"), way(), { reason: chosenReason().value || $("reason-own").value.trim() });
});

for (const dialog of [$("accept"), $("end")]) {
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog || "close" in target.dataset) dialog.close();
  });
  dialog.addEventListener("close", () => closed(request.number, dialog === $("accept") ? "accept" : way()));
}
