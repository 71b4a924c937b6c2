// Calls for help above the columns: where, each step with its time, and what an officer can do about them.

import { button, node } from "/page/nodes.js";
import * as api from "./api.js";
import { showStatus } from "./visit.js";
import { lasting, moment, named, officerName, place, sayAloud, spokenAs, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const elements = new Map(); // by key
const leaving = new Set(); // keys of calls of which the hub's answer is under way

const keyOf = ({ conversation_id: id, seq }) => `${id}:${seq}`;
const over = ({ state }) => state === "closed" || state === "false";
export const callOf = ({ kind, place: where }) => word("alarm_line", { kind: named("kind", kind), place: place(where) });
export const callState = ({ state }) => named("board_call_state", state);
export const stepOf = ({ what, at, officer, place: where }) =>
  [moment(at), named("board_step", what), where && place(where), officer && officerName(officer)].filter(Boolean).join(" · ");

// `changed()` is called after an officer has done something about one.
export function showCalls(calls, changed) {
  const focused = document.activeElement;
  const held = focused?.closest?.("#calls [data-key]")?.dataset.key;
  const what = focused?.dataset.what;
  fillList($("calls-open"), calls.filter((each) => !over(each)), changed);
  fillList($("calls-over"), calls.filter(over), changed);
  const keys = new Set(calls.map(keyOf));
  for (const key of [...elements.keys()]) if (!keys.has(key)) elements.delete(key);
  const ended = calls.filter(over).length;
  $("calls").hidden = !calls.length;
  $("calls-title").textContent = word("board_column", { name: word("board_calls"), count: calls.length - ended });
  $("calls-ended").hidden = !ended;
  $("calls-ended").firstElementChild.textContent = word("board_column", { name: word("board_calls_over"), count: ended });
  if (held && document.activeElement !== focused) {
    const same = elements.get(held)?.querySelector(`[data-what="${what}"]`);
    (same?.checkVisibility() ? same : $("calls-title")).focus();
  }
}

function fillList(list, calls, changed) {
  const cards = calls.map((call) => card(call, changed));
  cards.forEach((each, at) => list.children[at] !== each && list.insertBefore(each, list.children[at] ?? null));
  while (list.children.length > cards.length) list.lastElementChild.remove();
}

function card(call, changed) {
  const key = keyOf(call);
  const element = elements.get(key) ?? node("li");
  elements.set(key, element);
  const state = JSON.stringify([call, document.documentElement.lang]);
  if (element.dataset.state === state) return element;
  Object.assign(element.dataset, { key, state });
  element.className = `call ${call.state}`;
  element.replaceChildren(...parts(call, changed));
  return element;
}

function parts(call, changed) {
  const since = node("span", "", lasting(Date.now() - Date.parse(call.created_at)));
  since.dataset.since = call.created_at;
  const about = node("p", "about", [moment(call.created_at), spokenAs(call)].filter(Boolean).join(" · "));
  if (!over(call)) about.append(" · ", since);
  const steps = node("ol", "steps");
  steps.append(...call.steps.map((step) => node("li", "", stepOf(step))));
  const state = node("p", "due");
  state.append(node("b", call.state === "raised" ? "badge" : "", callState(call)));
  if (call.state === "raised" && call.escalated) state.append(` ${word("alarm_escalated")}`);
  return [node("h3", "", callOf(call)), state, about, steps, row(call, changed)];
}

function row(call, changed) {
  const inside = node("div", "row");
  const act = (what, name, send, look) => {
    const press = button(look, word(name), () => make(call, send, changed));
    press.dataset.what = what;
    press.setAttribute("aria-label", word("board_action", { action: word(name), number: callOf(call) }));
    inside.append(press);
  };
  if (call.state === "raised") act("acknowledge", "acknowledge", api.acknowledge, "main");
  if (call.state === "acknowledged") act("close", "board_call_close", api.closeCall, "main");
  if (!call.deleted) {
    const link = node("a", "button", word("board_call_open"));
    link.href = `/desk#${encodeURIComponent(call.conversation_id)}`;
    link.dataset.what = "open";
    inside.append(link);
  } else {
    inside.append(node("span", "about", word("gone")));
  }
  return inside;
}

async function make(call, send, changed) {
  const key = keyOf(call);
  if (leaving.has(key)) return;
  leaving.add(key);
  try {
    await send(call);
    await changed();
    sayAloud(word("board_call_moved"));
  } catch (error) {
    showStatus(error.code ? error.message : word("board_failed"));
  } finally {
    leaving.delete(key);
  }
}

export function tickCalls() {
  for (const clock of document.querySelectorAll("[data-since]")) {
    clock.textContent = lasting(Date.now() - Date.parse(clock.dataset.since));
  }
}
