// The end of a shift: all of one's conversations are handed over at once.

import * as api from "./api.js";
import { openPass } from "./pass.js";
import { sayAloud, word } from "./words.js";

const $ = (id) => document.getElementById(id);
let held = 0;
let away = false;
let colleagues = () => [];

// `handle()` gives the colleagues to whom it may be handed over.
export function onShift(handle) {
  colleagues = handle;
}

// How many conversations this officer has now.
export function show(conversations) {
  held = conversations.filter(({ mine, owner, closed }) => mine && owner === "officer" && !closed).length;
  relabel();
}

export function presence(now) {
  away = now === "away";
  relabel();
}

export function relabel() {
  $("shift-text").textContent = word(held ? "shift_text" : "shift_none", { count: held });
  $("hand-over").disabled = !held;
  $("hand-over-away").hidden = !held || !away;
  $("hand-over-away").textContent = word("hand_over_count", { count: held });
}

// `said` is where the outcome stands, `after` what has the focus when nothing is left to hand over.
function handOver(said, after) {
  said.textContent = "";
  openPass(colleagues(), word("hand_over_title", { count: held }), word("hand_over_count", { count: held }), async (to) => {
    try {
      const { count } = await api.handOver(to);
      said.textContent = word("handed_over", { count });
      after.focus();
    } catch (error) {
      said.textContent = error.code ? error.message : word("failed_action");
    }
    sayAloud(said.textContent);
  });
}

$("hand-over").addEventListener("click", () => handOver($("shift-said"), $("settings-close")));
$("hand-over-away").addEventListener("click", () => handOver($("hand-over-said"), $("queue")));
