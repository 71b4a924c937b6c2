// The board's filter, kept in the address: which requests and calls for help it lets through.

import { COLUMNS, KINDS } from "./requestcard.js";
import { LANGUAGES, named, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const FILTERS = ["day", "state", "kind", "spoken"];
const CALL = "emergency";

export const chosenDay = () => $("day").value;

// What the hub has to know: without a day or state it leaves out what ended long ago.
export const narrowed = () => ["day", "state"].filter((name) => $(name).value).map((name) => [name, $(name).value]);

export function passes(request) {
  const { state, kind, spoken } = chosen();
  return (!state || request.state === state) && (!kind || request.kind === kind) && (!spoken || request.language === spoken);
}

// One that nobody has acknowledged is let through whatever is chosen.
export function passesCall(call) {
  const { state, kind, spoken } = chosen();
  return call.state === "raised" || (!state && (!kind || kind === CALL) && (!spoken || call.language === spoken));
}

const chosen = () => Object.fromEntries(FILTERS.map((name) => [name, $(name).value]));

export const filtersNamed = () =>
  ["state", "kind", "spoken"].filter((id) => $(id).value).map((id) => $(id).selectedOptions[0].textContent);

export function readAddress() {
  const address = new URLSearchParams(location.search);
  $("day").value = address.get("day") ?? "";
  for (const name of ["state", "kind", "spoken"]) {
    const value = address.get(name) ?? "";
    $(name).replaceChildren(new Option("", ""), ...(value ? [new Option("", value, true, true)] : []));
  }
}

// `requests` may have kinds that this page does not know yet.
export function showFilter(requests) {
  options("state", Object.values(COLUMNS).flat(), "board_state");
  options("kind", [...new Set([CALL, ...KINDS, ...requests.map(({ kind }) => kind)])], "board_kind");
  options("spoken", LANGUAGES, "language");
  $("clear").hidden = FILTERS.every((name) => !$(name).value);
}

function options(id, values, family) {
  const picked = $(id).value;
  const all = ["", ...(picked && !values.includes(picked) ? [picked] : []), ...values];
  const texts = all.map((value) => (value ? named(family, value) : word("board_all")));
  // an open list must not change under the pointer
  const state = JSON.stringify([all, texts]);
  if ($(id).dataset.state === state) return;
  $(id).dataset.state = state;
  $(id).replaceChildren(...all.map((value, at) => new Option(texts[at], value, false, value === picked)));
}

// `changed(asksAnew)` is called after each choice; the hub has to be asked anew for another day or state.
export function onFilter(changed) {
  $("filter").addEventListener("submit", (event) => event.preventDefault());
  $("filter").addEventListener("change", ({ target }) => {
    const set = FILTERS.filter((name) => $(name).value).map((name) => [name, $(name).value]);
    history.replaceState(null, "", set.length ? `?${new URLSearchParams(set)}` : location.pathname);
    changed(target.id === "day" || target.id === "state");
  });
  $("clear").addEventListener("click", () => {
    for (const name of FILTERS) $(name).value = "";
    $("day").dispatchEvent(new Event("change", { bubbles: true }));
    $("day").focus();
  });
}
