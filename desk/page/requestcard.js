// One request as the board shows it: what is wanted, when, by whom, and what may be done with it.

import { button, node } from "/page/nodes.js";
import { told } from "./requestdetails.js";
import { day, named, officerName, reason, spokenAs, tag, times, word } from "./words.js";

const HOUR = 3600000; // ms
const AHEAD = 3 * HOUR; // Beijing's clock before Kazakhstan's

export const KINDS = ["special_lane", "interpreter", "appointment", "lost_item", "complaint"];

// Kinds for which nobody comes to a place, at a time.
export const UNMET = ["lost_item", "complaint"];
// The hub says where a place may be left open.
export const needsPlace = ({ needs_place: needs = true }) => needs;

// The columns, and which states stand in each.
export const COLUMNS = {
  requested: ["requested"],
  accepted: ["accepted"],
  under_way: ["under_way"],
  done: ["done"],
  over: ["refused", "cancelled", "expired"],
};

// By state and the column to which a request goes: by which actions it gets there.
export const MOVES = {
  requested: { accepted: ["accept"], over: ["refuse", "cancel"] },
  accepted: { under_way: ["start"], over: ["refuse", "cancel"] },
  under_way: { done: ["finish"], over: ["cancel"] },
};

export const columnOf = ({ state }) => Object.keys(COLUMNS).find((column) => COLUMNS[column].includes(state));
export const open = ({ state }) => state in MOVES;
export const kindOf = ({ kind }) => named("board_kind", kind);
export const stateOf = ({ state }) => named("board_state", state);
export const helpOf = ({ details }) => (details?.help ?? []).map((each) => named("board_help", each)).join(word("board_list"));
export const placeOf = ({ place }) => (place ? named("board_place", place) : "");

export const peopleOf = ({ people }) => (people ? word("board_people", { count: people }) : "");
const isAnonymous = ({ details }) => Boolean(details?.anonymous);
export const vehicleOf = ({ details }) =>
  [details?.vehicle && named("board_vehicle", details.vehicle), details?.count && word("board_vehicles", { count: details.count })]
    .filter(Boolean)
    .join(", ");
export const directionOf = ({ direction }) => (direction ? named("board_direction", direction) : "");

// "25 November, 01:00 Beijing · 22:00 Kazakhstan (24 November)"
export const moment = (at) => word("board_moment", { day: day(at), times: clocks(at) });

// Without the day at the port; a day that is another in Kazakhstan is named.
export function clocks(at) {
  const there = day(new Date(Date.parse(at) - AHEAD).toISOString());
  return day(at) === there ? times(at) : word("board_day_there", { times: times(at), day: there });
}

// How long it has been waiting to be taken up; days alone where minutes say nothing any more.
export function waiting({ state, created_at: since }) {
  if (state !== "requested") return "";
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 60000));
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return word("board_waits_days", { days: Math.floor(hours / 24) });
  return hours ? word("board_waits_hours", { hours, minutes: minutes % 60 }) : word("board_waits_minutes", { minutes });
}

// Fills `element`; `press(what, request)` is called for one of the actions.
export function fill(element, request, press) {
  const unfolded = element.querySelector("details")?.open;
  element.className = ["request", request.late && "late"].filter(Boolean).join(" ");
  element.dataset.number = request.number;
  element.toggleAttribute("data-movable", open(request));
  element.replaceChildren(...parts(request), ...buttons(request, press));
  if (unfolded) element.querySelector("details").open = true;
}

function parts(request) {
  const { details = {} } = request;
  const when = request.due_at ? moment(request.due_at) : word("board_received", { times: moment(request.created_at) });
  const clock = node("p", "due", when);
  if (request.late) clock.prepend(node("b", "badge", word("board_late")), " ");
  const own = node("p", "note", details.note);
  own.lang = tag(request);
  const officer = request.officer && word("held_by", { officer: officerName(request.officer) });
  const wait = node("span", "", waiting(request));
  wait.dataset.waits = "";
  const spoken = line("about", spokenAs(request));
  if (wait.textContent) spoken.append(" · ", wait);
  return [
    head(request),
    clock,
    line("help", helpOf(request)),
    line("", peopleOf(request), directionOf(request), vehicleOf(request)),
    ...told(request).map(detail),
    details.note && own,
    details.contact && line("", word("board_contact", { contact: details.contact })),
    spoken,
    (officer || request.place) && line("about", officer, placeOf(request)),
    request.reason && line("", word("board_why", { state: stateOf(request), reason: reason(request.reason) })),
    !request.reason && columnOf(request) === "over" && line("", stateOf(request)),
    !request.conversation_id && line("about", word(isAnonymous(request) ? "board_anonymous" : "gone")),
    request.history?.length && past(request.history),
  ].filter(Boolean);
}

function detail({ label, text, lang }) {
  const element = node("p", "detail");
  const value = node("span", "", text);
  if (lang) value.lang = lang;
  element.append(node("span", "about", label), " ", value);
  return element;
}

function line(name, ...texts) {
  return node("p", name, texts.filter(Boolean).join(" · "));
}

function head(request) {
  const title = node("h3");
  const number = node(request.conversation_id ? "a" : "span", "number", request.number);
  number.dataset.what = "open";
  if (request.conversation_id) {
    number.href = `/desk#${encodeURIComponent(request.conversation_id)}`;
    number.append(node("span", "unseen", ` ${word("board_open")}`));
  } else {
    number.tabIndex = -1;
  }
  title.append(number, " ", node("span", "kind", kindOf(request)));
  if (open(request)) {
    const grip = node("span", "grip", "⠿");
    grip.setAttribute("aria-hidden", "true");
    title.append(grip);
  }
  return title;
}

function past(history) {
  const details = node("details");
  const list = node("ul");
  for (const { at, state, by, officer } of history) {
    const who = officer ? officerName(officer) : named("board_by", by);
    list.append(node("li", "", [moment(at), named("board_state", state), who].filter(Boolean).join(" · ")));
  }
  const summary = node("summary", "", word("board_history"));
  summary.dataset.what = "history";
  details.append(summary, list);
  return details;
}

function buttons(request, press) {
  const actions = Object.values(MOVES[request.state] ?? {}).flat();
  if (!actions.length) return [];
  // accepted once more, it gets another place or time
  if (request.state === "accepted" && !UNMET.includes(request.kind)) actions.splice(1, 0, "accept");
  const row = node("div", "row");
  for (const what of actions) {
    const ends = what === "refuse" || what === "cancel";
    const text = what === "accept" && request.state === "accepted" ? word("board_accept_again") : named("board", what);
    const look = ends ? "plain risky" : what === actions[0] ? "main" : "";
    const each = button(look, text, () => press(what, request));
    each.dataset.what = what;
    each.setAttribute("aria-label", word("board_action", { action: text, number: request.number }));
    row.append(each);
  }
  return [row];
}
