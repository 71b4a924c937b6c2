// The list of a day for paper: requests and calls for help in one plain table, in the order of time.

import { node } from "/page/nodes.js";
import { callOf, callState, stepOf } from "./boardcalls.js";
import { clocks, directionOf, helpOf, kindOf, moment, peopleOf, placeOf, stateOf, vehicleOf } from "./requestcard.js";
import { told } from "./requestdetails.js";
import { day, officerName, place, spokenAs, word } from "./words.js";

// [word of the heading, of a request, of a call for help]
const COLUMNS = [
  ["board_time", (request) => clocks(timeOf(request)), (call) => clocks(call.created_at)],
  ["board_number", ({ number }) => number, () => "SOS"],
  ["board_kind", (request) => [kindOf(request), helpOf(request), ...detailsOf(request)].filter(Boolean).join(" · "), callOf],
  ["board_who", (request) => [peopleOf(request), directionOf(request), vehicleOf(request)].filter(Boolean).join(" · "), () => ""],
  ["board_spoken", spokenAs, spokenAs],
  ["board_place", placeOf, (call) => place(call.place)],
  ["officer", officerOf, officerOf],
  ["board_state", stateOf, (call) => [callState(call), ...call.steps.map(stepOf)].join("\n")],
  ["board_ticked", () => "", () => ""],
];

// What has no time of its own stands where it was asked for.
const timeOf = (request) => request.due_at ?? request.created_at;
const detailsOf = (request) => told(request).map(({ label, text }) => `${label} ${text}`);

function officerOf({ officer }) {
  return officer ? officerName(officer) : "";
}

// The part of a moment that is its day at the port, as YYYY-MM-DD.
export const portDay = (moment) => new Date(Date.parse(moment) + 8 * 3600000).toISOString().slice(0, 10);
export const portToday = () => portDay(new Date().toISOString());

// `on` is YYYY-MM-DD; `named` says what the list is filtered by.
export function fillPaper(paper, requests, calls, on, named) {
  const rows = [
    ...requests.map((each) => ({ at: timeOf(each), texts: COLUMNS.map(([, text]) => text(each)) })),
    ...calls.map((each) => ({ at: each.created_at, texts: COLUMNS.map(([, , text]) => text(each)) })),
  ];
  const listed = rows
    .filter(({ at }) => portDay(at) === on)
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const title = word("board_list_title", { day: day(`${on}T00:00:00Z`) });
  const printed = word("board_printed", { times: moment(new Date().toISOString()) });
  const table = node("table");
  table.append(headRow(), bodyRows(listed));
  paper.replaceChildren(
    node("h2", "", title),
    node("p", "", [...named, word("board_count", { count: listed.length }), printed].join(" · ")),
    listed.length ? table : node("p", "", word("board_list_empty")),
  );
}

function headRow() {
  const head = node("thead");
  const row = node("tr");
  for (const [name] of COLUMNS) {
    const cell = node("th", "", word(name));
    cell.scope = "col";
    row.append(cell);
  }
  head.append(row);
  return head;
}

function bodyRows(rows) {
  const body = node("tbody");
  for (const { texts } of rows) {
    const row = node("tr");
    row.append(...texts.map((text) => node("td", "", text)));
    body.append(row);
  }
  return body;
}
