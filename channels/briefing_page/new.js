// A leader makes a briefing without a chat: how many, and which day.

import { request } from "/page/api.js";
import { word } from "/page/words.js";
import { $, begin, randomToken, spoken } from "./shared.js";

const DAY = 86400000; // ms
const PORT = 8 * 3600000; // ms by which the port's clock is ahead of UTC
const AHEAD = 30; // days; the hub decides

// the same for every try of one asking
let key = randomToken();

const portDay = (days) => new Date(Date.now() + PORT + days * DAY).toISOString().slice(0, 10);

Object.assign($("day"), { min: portDay(0), max: portDay(AHEAD), value: portDay(0) });

$("make").addEventListener("input", () => (key = randomToken()));

$("make").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { code: language, script } = spoken();
  const asked = { key, people: $("people").valueAsNumber, day: $("day").value, language, script };
  try {
    const made = await request("POST", "/api/briefings", asked);
    const { pathname, hash } = new URL(made.leader_link);
    location.assign(`${pathname}${hash}`);
  } catch (error) {
    $("said").textContent = error.code ? error.message : word("stale");
  }
});

begin(() => {});
