// Moving a request on: what has to be asked first, the move itself, and what became of it.

import * as api from "./api.js";
import { focusAgain } from "./boardcolumns.js";
import { MOVES, UNMET, stateOf } from "./requestcard.js";
import { askAccept, askEnd, onMove } from "./requestmove.js";
import { showStatus } from "./visit.js";
import { sayAloud, word } from "./words.js";

const moving = new Set(); // numbers whose move is on its way
let board = null;

// `find(number)` gives a request as it is now, `places()` where one can meet, `load()` asks the hub anew.
export function onBoard(handles) {
  board = handles;
}

export function press(what, request) {
  const now = board.find(request.number) ?? request;
  if (what === "accept" && !UNMET.includes(now.kind)) askAccept(now, board.places());
  else if (what === "refuse" || what === "cancel") askEnd(now, [what]);
  else attempt(what, now);
}

export function toColumn(request, column) {
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
    await board.load();
    tellState(number, "board_moved");
  } catch (error) {
    if (error.status !== 409) throw error;
    await board.load();
    if (error.code === "request_changed") tellState(number, "board_changed");
    else showStatus(error.message);
  } finally {
    moving.delete(number);
  }
}

function tellState(number, name) {
  const now = board.find(number);
  const text = now ? word(name, { number, state: stateOf(now) }) : word("board_vanished", { number });
  if (name === "board_moved" && now) sayAloud(text);
  else showStatus(text);
}

// The button that opened the dialog may be another by now, or gone.
onMove(make, (number, what) => {
  if (!document.getElementById("columns").contains(document.activeElement)) focusAgain(number, what);
});
