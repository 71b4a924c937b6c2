// Groups' briefings at the desk: how many of each group are ready, and who is not.

import * as api from "./api.js";
import { node } from "/page/nodes.js";
import { store } from "./store.js";
import { browserLanguage, day, named, officerName, sayAloud, speak, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const EVERY = 10000; // ms between two looks
const PORT = 8 * 3600000; // ms by which the port's clock is ahead of UTC

let groups = null;
const cards = new Map(); // by code

async function start() {
  await relabel(store.language ?? browserLanguage());
  for (;;) {
    await enter();
    while (!$("groups").hidden) {
      await pause(EVERY);
      if (document.visibilityState === "visible") await look();
    }
    await pause(EVERY);
  }
}

async function enter() {
  try {
    $("me").textContent = officerName(await api.me());
    showDoor(false);
    await look();
  } catch (error) {
    if (error.code) showDoor();
    else showStatus(word("briefings_offline"));
  }
}

async function look() {
  try {
    ({ briefings: groups } = await api.briefings());
    showStatus("");
    show();
  } catch (error) {
    if (error.session) showDoor();
    else showStatus(error.code ? error.message : word("briefings_offline"));
  }
}

function showDoor(shown = true) {
  $("door").hidden = !shown;
  for (const id of ["groups", "me"]) $(id).hidden = shown;
  if (!shown) return;
  // names are for who is signed in
  groups = null;
  cards.clear();
  $("days").replaceChildren();
}

function showStatus(text) {
  if ($("status").textContent === text) return;
  $("status").textContent = text;
  $("status").hidden = !text;
  if (text) sayAloud(text);
}

// ---- waiting, cut short when the connection or the page comes back

let wake = () => {};
function pause(ms) {
  return new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, ms);
  });
}
addEventListener("online", () => wake());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());

// ---- what is shown

const moment = (date) => `${date}T04:00:00Z`;
const today = () => new Date(Date.now() + PORT).toISOString().slice(0, 10);
const sum = (all, of) => all.reduce((total, each) => total + of(each), 0);

function show() {
  if (!groups) return;
  const now = groups.filter((each) => each.day === today());
  const counts = { groups: now.length, ready: sum(now, (each) => each.ready), people: sum(now, (each) => each.people) };
  $("summary").textContent = groups.length ? word("briefings_summary", counts) : word("briefings_none");
  document.title = word("briefings_title");
  const days = [...new Set(groups.map((each) => each.day))];
  for (const code of [...cards.keys()]) if (!groups.some((each) => each.code === code)) cards.delete(code);
  const sections = days.map((date) => {
    const section = document.querySelector(`[data-day="${date}"]`) ?? node("section");
    section.dataset.day = date;
    if (!section.firstElementChild) section.append(node("h2", "dated"), node("ul", "cards"));
    const [title, list] = section.children;
    const name = day(moment(date));
    title.textContent = date === today() ? word("briefings_today", { day: name }) : name;
    put(list, groups.filter((each) => each.day === date).map(card));
    return section;
  });
  put($("days"), sections);
}

// What stands right already is left alone, so that the focus and an open list stay.
function put(parent, children) {
  children.forEach((each, at) => parent.children[at] !== each && parent.insertBefore(each, parent.children[at] ?? null));
  while (parent.children.length > children.length) parent.lastElementChild.remove();
}

function card(group) {
  const element = cards.get(group.code) ?? node("li", "group");
  cards.set(group.code, element);
  const state = JSON.stringify([group, document.documentElement.lang]);
  if (element.dataset.state === state) return element;
  element.dataset.state = state;
  const open = element.querySelector("details")?.open ?? false;
  const whole = group.ready >= group.people && group.members.every((each) => each.ready);
  element.classList.toggle("whole", whole);
  const title = node("h3");
  title.append(node("span", "", word("briefings_group", group)), node("span", "", word("briefings_ready_of", group)));
  const bar = node("progress");
  Object.assign(bar, { max: group.people, value: Math.min(group.ready, group.people) });
  bar.setAttribute("aria-label", word("briefings_ready_of", group));
  const ready = group.members.filter((each) => each.ready);
  const others = group.members.filter((each) => !each.ready);
  element.replaceChildren(
    title,
    bar,
    ...(others.length ? [node("h4", "", word("briefings_not_ready")), names(others, (each) => word("briefings_progress", each))] : []),
    ...(group.not_opened ? [node("p", "", word("briefings_not_opened", { count: group.not_opened }))] : []),
    ...(whole ? [node("p", "", word("briefings_all_ready"))] : []),
    ...(ready.length ? [folded(word("briefings_ready", { count: ready.length }), names(ready, (each) => each.called), open)] : []),
    node("p", "quiet", word("briefings_spoken", { language: named("language", group.language) })),
    ...(group.conversation_id ? [conversation(group.conversation_id)] : []),
  );
  return element;
}

function names(members, text) {
  const list = node("ul");
  list.append(...members.map((each) => node("li", "", text(each))));
  return list;
}

function folded(title, list, open) {
  const details = node("details");
  details.open = open;
  details.append(node("summary", "", title), list);
  return details;
}

function conversation(id) {
  const link = node("a", "", word("briefings_conversation"));
  link.href = `/desk#${id}`;
  return link;
}

// ---- the officer's language

async function relabel(code) {
  $("language").value = code;
  for (;;) {
    try {
      await speak(code);
      break;
    } catch {
      await pause(3000);
    }
  }
  document.title = word("briefings_title");
  show();
}

$("language").addEventListener("change", () => {
  store.language = $("language").value;
  relabel(store.language);
});

start();
