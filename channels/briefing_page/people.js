// Who reads on this phone, and what each has ticked; kept through reloads, sent when it can be.

import { Refused, request } from "/page/api.js";
import { code, pause, randomToken, spoken } from "./shared.js";

const KEY = `baktu.briefing.${code}`;
const LONGEST_WAIT = 15000; // ms between two tries

// {day, current, people: [{token, called, done, at, version, sent, shown, refused}]}; `at` is the
// step where this person is, `version` counts the changes, `sent` is the last that the hub has.
let state = read();
let sending = false;
let changed = () => {};

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? empty();
  } catch {
    return empty();
  }
}

function empty() {
  return { day: null, current: 0, people: [] };
}

function write() {
  try {
    localStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // a full or forbidden storage costs survival of a reload, not the ticks
  }
}

// Calls handle() when another tab or the hub changed what is kept.
export function onChange(handle) {
  changed = handle;
}

addEventListener("storage", ({ key }) => {
  if (key !== KEY) return;
  state = read();
  changed();
});

export const people = () => state.people;
export const current = () => state.people[state.current] ?? null;
export const day = () => state.day;
export const named = (person) => person.shown ?? person.called;
export const unsent = (person) => person.sent < person.version;

export function knowDay(known) {
  state.day = known;
  write();
}

export function add(called) {
  const person = { token: randomToken(), called, done: [], at: 0, version: 1, sent: 0 };
  state.people.push(person);
  turnTo(state.people.length - 1);
  flush();
}

export function turnTo(index) {
  state.current = index;
  write();
}

export function goTo(step) {
  current().at = step;
  write();
}

export function tick(key, on) {
  const person = current();
  if (person.done.includes(key) === on) return;
  person.done = on ? [...person.done, key] : person.done.filter((each) => each !== key);
  person.version += 1;
  write();
  flush();
}

// The leader took the entry off: it comes back as a new one, with what is ticked.
export function rejoin() {
  Object.assign(current(), { token: randomToken(), refused: null, version: 1, sent: 0, shown: null });
  write();
  flush();
}

export function forget() {
  state = empty();
  try {
    localStorage.removeItem(KEY);
  } catch {
    // nothing was kept
  }
}

// The language is part of the entry: a change of it is sent with the next tick.
const entry = ({ called, done, version }) => {
  const { code: language, script } = spoken();
  return { called, done, version, language, script };
};

// Sends what the hub does not have yet, until it has all; raises nothing.
export async function flush() {
  if (sending) return;
  sending = true;
  let wait = 1000;
  for (;;) {
    const person = state.people.find((each) => unsent(each) && !each.refused);
    if (!person) break;
    const { token, version } = person;
    try {
      const path = `/api/briefings/${code}/member`;
      const told = await request("PUT", path, entry(person), { Authorization: `Bearer ${token}` });
      keep(token, { sent: version, shown: told.called });
      wait = 1000;
    } catch (error) {
      if (error instanceof Refused && ["briefing_ended", "briefing_unknown"].includes(error.code)) {
        sending = false;
        return changed(error);
      }
      if (error instanceof Refused && error.code && error.status < 500 && error.status !== 429) {
        keep(token, { refused: { code: error.code, message: error.message } });
      } else {
        changed();
        await pause(error.retryAfter ? error.retryAfter * 1000 : wait);
        wait = Math.min(2 * wait, LONGEST_WAIT);
      }
    }
  }
  sending = false;
}

// What another tab has written meanwhile is not lost.
function keep(token, part) {
  const person = state.people.find((each) => each.token === token);
  if (person) Object.assign(person, part);
  write();
  changed();
}
