// The board: calls for help, and requests in columns by state, as they change.

import * as api from "./api.js";
import { showCalls, tickCalls } from "./boardcalls.js";
import { showColumns } from "./boardcolumns.js";
import { onDrop } from "./boarddrag.js";
import { chosenDay, narrowed, onFilter, passes, passesCall, readAddress, showFilter, filtersNamed } from "./boardfilter.js";
import { onPush } from "./boardkeys.js";
import { onBoard, press, toColumn } from "./boardmove.js";
import { fillPaper, portDay, portToday } from "./daylist.js";
import { kindOf, open, waiting } from "./requestcard.js";
import { isSignedIn, showStatus, visit } from "./visit.js";
import { knowColleagues, sayAloud, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const RECENT = 60000; // ms in which a request is new
const NOTHING = { requests: [], places: [], emergencies: [] };

let last = NOTHING;
let loaded = false;

const find = (number) => last.requests.find((each) => each.number === number);

let asked = 0;
async function load() {
  const turn = ++asked;
  try {
    const [{ requests, places }, { emergencies }] = await Promise.all([
      api.requests(narrowed()),
      api.emergencies(chosenDay()),
    ]);
    if (turn !== asked || !isSignedIn()) return;
    tellNew(requests);
    last = { requests, places, emergencies };
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
    if (request.state !== "requested" || known.has(request.number) || Date.now() - Date.parse(request.created_at) > RECENT) continue;
    sayAloud(word("board_new", { number: request.number, kind: kindOf(request) }));
  }
}

// What ended on other days stands in nobody's way, unless it is asked for.
const wanted = (request) =>
  open(request) || chosenDay() || $("state").value || portDay(request.updated_at) === portToday();

function show() {
  const fitting = last.requests.filter(passes);
  const requests = fitting.filter(wanted);
  const calls = last.emergencies.filter(passesCall);
  showCalls(calls, load);
  showColumns(requests, loaded, press);
  showSummary(requests);
  showFilter(last.requests);
  fillPaper($("paper"), fitting, calls, chosenDay() || portToday(), filtersNamed());
}

function showSummary(requests) {
  const waits = requests.filter(({ state }) => state === "requested").length;
  const late = requests.filter((each) => each.late).length;
  $("summary").textContent = word(loaded ? "board_summary" : "loading", { waits, late });
  document.title = waits ? `(${waits}) ${word("board_title")}` : word("board_title");
}

function tick() {
  for (const wait of document.querySelectorAll("[data-waits]")) {
    const text = waiting(find(wait.closest("[data-number]").dataset.number));
    if (wait.textContent !== text) wait.textContent = text;
  }
  tickCalls();
}

function tell(name, { officers, alarms = [] }) {
  if (name === "alarm") $("alarmed").hidden = false;
  if (name !== "queue") return;
  if (knowColleagues(officers)) show();
  $("alarmed").hidden = !alarms.length;
}

onBoard({ find, load, places: () => last.places });
onFilter((asksAnew) => {
  show();
  sayAloud($("summary").textContent);
  if (asksAnew) load();
});
onDrop({ find, drop: toColumn });
onPush({ find, push: toColumn });
$("print").addEventListener("click", () => window.print());
setInterval(tick, 10000);

readAddress();
visit({
  load,
  show,
  tell,
  events: ["requests", "emergencies"],
  empty() {
    last = NOTHING;
    loaded = false;
  },
});
