// What may be done with the open conversation, as its ownership allows, and the doing of it.

import * as api from "./api.js";
import * as composer from "./composer.js";
import * as conversation from "./conversation.js";
import { openPass } from "./pass.js";
import * as transcript from "./transcript.js";
import { officerName, sayAloud, word } from "./words.js";

const $ = (id) => document.getElementById(id);

function allowed(found) {
  if (!found || found.gone) return {};
  const { owner, mine, closed } = found;
  const holds = owner === "officer" && mine && !closed;
  return {
    claim: closed || owner !== "officer",
    reopen: closed,
    "pass-on": holds,
    release: holds,
    close: holds,
  };
}

export function show(found) {
  const may = allowed(found);
  for (const each of $("actions").children) each.disabled = !may[each.id];
  $("claim").hidden = Boolean(may.close);
  $("reopen").hidden = !may.reopen;
  transcript.show(found);
}

// Does one thing to the open conversation and tells what came of it.
async function act(what, body, said = "") {
  const id = conversation.currentId();
  if (!allowed(conversation.current())[what]) return false;
  composer.showSaid("");
  const pressed = document.activeElement;
  for (const each of $("actions").children) each.disabled = true;
  try {
    const answer = await api.act(id, what, body);
    const changed = answer?.conversation ?? answer;
    if (changed) conversation.update({ closed: what === "close", ...changed, id });
    if (said && id === conversation.currentId()) sayAloud(said);
    return true;
  } catch (error) {
    if (id !== conversation.currentId()) return false;
    const by = error.by && officerName(error.by);
    composer.showSaid(by ? word("taken", { officer: by }) : error.final ? error.message : word("failed_action"));
    return false;
  } finally {
    if (id === conversation.currentId()) {
      show(conversation.current());
      // a button that can't be pressed any more loses the focus
      if (pressed.closest("#actions")) (pressed.disabled || pressed.hidden ? $("about") : pressed).focus();
    }
  }
}

export async function claim() {
  if (await act("claim", {}, word("claimed"))) composer.write("reply");
}

export const release = () => act("release", {});
export const close = () => act("close", {});

let colleagues = () => [];
export function onPass(handle) {
  colleagues = handle;
}

export function passOn() {
  if (!$("pass-on").disabled) openPass(colleagues(), word("pass_title"), word("pass_now"), (to) => act("pass-on", to));
}

$("claim").addEventListener("click", claim);
$("reopen").addEventListener("click", () => act("reopen", {}));
$("release").addEventListener("click", release);
$("close").addEventListener("click", close);
$("pass-on").addEventListener("click", passOn);
