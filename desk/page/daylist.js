// The list of a day's requests for paper: a plain table in the order of time.

import { node } from "/page/nodes.js";
import { clocks, directionOf, helpOf, kindOf, moment, open, peopleOf, placeOf, stateOf } from "./requestcard.js";
import { day, officerName, spokenAs, word } from "./words.js";

const COLUMNS = {
  board_time: ({ due_at: at }) => (at ? clocks(at) : word("board_no_time")),
  board_number: ({ number }) => number,
  board_kind: (request) => [kindOf(request), helpOf(request)].filter(Boolean).join(": "),
  board_who: (request) => [peopleOf(request), directionOf(request)].filter(Boolean).join(" · "),
  board_spoken: spokenAs,
  board_place: placeOf,
  officer: ({ officer }) => (officer ? officerName(officer) : ""),
  board_state: stateOf,
  board_ticked: () => "",
};

// The part of a moment that is its day at the port, as YYYY-MM-DD.
export const portDay = (moment) => new Date(Date.parse(moment) + 8 * 3600000).toISOString().slice(0, 10);

// `on` is YYYY-MM-DD; `named` says what the list is filtered by.
export function fillPaper(paper, requests, on, named) {
  const listed = requests
    .filter((request) => (request.due_at ? portDay(request.due_at) === on : open(request)))
    .sort((one, other) => (one.due_at ?? "9").localeCompare(other.due_at ?? "9"));
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
  for (const name of Object.keys(COLUMNS)) {
    const cell = node("th", "", word(name));
    cell.scope = "col";
    row.append(cell);
  }
  head.append(row);
  return head;
}

function bodyRows(requests) {
  const body = node("tbody");
  for (const request of requests) {
    const row = node("tr");
    row.append(...Object.values(COLUMNS).map((text) => node("td", "", text(request))));
    body.append(row);
  }
  return body;
}
