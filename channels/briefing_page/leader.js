// The leader's page: how many of the group are ready and who is not, and the link to share.

import { Refused, request } from "/page/api.js";
import { day as dayNamed } from "/page/clock.js";
import { button, node } from "/page/nodes.js";
import { word } from "/page/words.js";
import { $, begin, code, keepForOffline, isolated, noon, notice, pause, sayAloud, showOver } from "./shared.js";

const EVERY = 5000; // ms between two looks
const GONE = ["briefing_ended", "briefing_unknown", "briefing_leader", "no_token"];
const PATH = `/api/briefings/${code}`;

// behind the #, so that no server's log has it
const secret = location.hash.slice(1);

let group = null;
let ready = null; // ids of those who were ready at the last look
let over = false;
let sure = null; // what happens on yes; gives what has the focus then

const ask = (method, path, body) => request(method, `${PATH}${path}`, body, { Authorization: `Bearer ${secret}` });

async function start() {
  // the leader asked for it in this language
  const first = await look();
  await begin(relabel, first && { code: first.language, script: first.script });
  follow();
}

async function look() {
  try {
    return learn(await ask("GET", "/leader"));
  } catch (error) {
    failed(error);
  }
  return null;
}

async function follow() {
  while (!over) {
    await pause(EVERY);
    if (document.visibilityState === "visible") await look();
  }
}

function failed(error) {
  if (error instanceof Refused && GONE.includes(error.code)) end(error.message);
  else notice("status", word("stale"));
}

function end(text) {
  over = true;
  showOver(text);
}

function learn(told) {
  group = told;
  const now = new Set(group.members.filter((each) => each.ready).map(({ id }) => id));
  for (const each of group.members) {
    if (each.ready && ready && !ready.has(each.id)) sayAloud(word("new_ready", named(each)));
  }
  ready = now;
  notice("status", "");
  show();
  return told;
}

// Why it is over is asked again, in the language chosen now.
function relabel() {
  if (!over) return show();
  over = false;
  look();
}

// ---- what is shown

function show() {
  if (!group || over) return;
  $("group").hidden = false;
  const { members, people } = group;
  $("far-title").textContent = word("ready_of", { ready: group.ready, people });
  $("far-progress").max = people;
  $("far-progress").value = Math.min(group.ready, people);
  $("day").textContent = word("for_day", { day: dayNamed(noon(group.day)) });
  list("not-ready", members.filter((each) => !each.ready));
  list("ready", members.filter((each) => each.ready));
  $("not-opened").textContent = word("not_opened", { count: group.not_opened });
  $("not-opened").hidden = !group.not_opened;
  const all = group.ready >= people && members.length === group.ready ? word("all_ready") : "";
  notice("told", members.length > people ? word("more", { opened: members.length, people }) : all);
  if (document.activeElement !== $("people")) $("people").value = people;
  if ($("link").textContent !== group.link) {
    $("link").textContent = group.link;
    $("code").src = `/briefing/${code}/qr.svg`;
  }
  $("code").alt = word("qr");
  $("share").hidden = !navigator.share;
  $("copy").classList.toggle("main", !navigator.share);
}

function list(id, members) {
  const state = JSON.stringify([members, document.documentElement.lang, word("remove")]);
  // what has not changed is left alone, so that the focus stays
  if ($(id).dataset.state === state) return;
  $(id).dataset.state = state;
  const focused = document.activeElement?.dataset?.member;
  $(id).replaceChildren(...(members.length ? members.map(entry) : [node("li", "note", word("nobody"))]));
  if (focused) document.querySelector(`[data-member="${focused}"]`)?.focus();
}

const named = ({ called }) => ({ called: isolated(called) });

function entry(member) {
  const row = node("li");
  row.append(node("b", "", member.called));
  if (!member.ready) row.append(node("span", "note", word("progress", member)));
  const remove = button("", word("remove"), () => askRemove(member));
  remove.setAttribute("aria-label", word("remove_named", named(member)));
  remove.dataset.member = member.id;
  row.append(remove);
  return row;
}

// ---- what the leader does

// no link: what stands behind the # is the key
$("to-share").addEventListener("click", () => $("share-title").focus());

function askSure(text, yes, act) {
  $("sure-text").textContent = text;
  $("sure-yes").textContent = yes;
  $("sure-said").textContent = "";
  sure = act;
  $("sure").showModal();
}

function askRemove(member) {
  askSure(word("remove_sure", named(member)), word("remove_named", named(member)), async () => {
    learn(await ask("DELETE", `/members/${member.id}`));
    sayAloud(word("removed", named(member)));
    return "far-title";
  });
}

$("end").addEventListener("click", () =>
  askSure(word("end_sure"), word("end"), async () => {
    await ask("DELETE", "/leader");
    end(word("ended_now"));
    return "over-text";
  }),
);

$("sure-no").addEventListener("click", () => $("sure").close());
$("sure-yes").addEventListener("click", async () => {
  const act = sure;
  try {
    const next = await act();
    $("sure").close();
    // behind the open dialog nothing takes the focus
    $(next).focus();
  } catch (error) {
    $("sure-said").textContent = error.code ? error.message : word("stale");
  }
});
$("sure").addEventListener("click", ({ target }) => target === $("sure") && $("sure").close());

$("count").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    learn(await ask("PATCH", "/leader", { people: $("people").valueAsNumber }));
    $("people").value = group.people;
    say("count-said", word("saved"));
  } catch (error) {
    say("count-said", error.code ? error.message : word("stale"));
  }
});

$("share").addEventListener("click", async () => {
  try {
    await navigator.share({ title: word("title"), text: word("share_words"), url: group.link });
  } catch (error) {
    if (error.name !== "AbortError") copy();
  }
});

$("copy").addEventListener("click", copy);

async function copy() {
  try {
    await navigator.clipboard.writeText(group.link);
    say("copy-said", word("copied"));
  } catch {
    // a page without https has no clipboard
    getSelection().selectAllChildren($("link"));
    say("copy-said", word("copy_by_hand"));
  }
}

function say(id, text) {
  $(id).textContent = text;
  sayAloud(text);
}

start().then(keepForOffline);
