// Times of messages: port time (Beijing's, UTC+8) and the other country's beside it.

import { word } from "./words.js";

// Fixed offsets: many phones still believe that eastern Kazakhstan is at UTC+6.
const HOUR = 3600000; // ms
const PORT = 8;
const KAZAKHSTAN = 5;

export function times(moment) {
  return word("times", { port: clock(moment, PORT), kazakhstan: clock(moment, KAZAKHSTAN) });
}

// The day at the port, for the line between two days; browsers know no Kazakh months.
export function day(moment) {
  const port = new Date(Date.parse(moment) + PORT * HOUR);
  const month = port.getUTCMonth();
  return word("day", { day: port.getUTCDate(), month: (word("months") || [])[month] });
}

function clock(moment, hours) {
  return new Date(Date.parse(moment) + hours * HOUR).toISOString().slice(11, 16);
}
