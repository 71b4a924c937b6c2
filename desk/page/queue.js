// The list of conversations: who waits, how urgently and how long, who holds what.

import { node } from "/page/nodes.js";
import { asked, groupOf, inQueue, showClock } from "./entry.js";
import { store } from "./store.js";
import { moment, officerName, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const GROUPS = ["queue", "mine", "others", "assistant", "closed"];
const elements = new Map();
let shown = [];
let current = null;

// The hub gives urgency and waiting time as the order; `officers` are all colleagues.
export function show({ conversations, officers, hours }) {
  const now = Date.now();
  const focused = document.activeElement?.closest?.("#groups a")?.dataset.id;
  shown = [];
  for (const group of GROUPS) {
    const inside = conversations.filter((each) => groupOf(each) === group);
    const { section, title, list } = groupElement(group);
    section.hidden = !inside.length;
    title.textContent = `${word(`group_${group}`)} · ${inside.length}`;
    const items = inside.map((each) => item(each, now));
    // elements that stand right already are left alone, so that the focus stays
    items.forEach((element, at) => list.children[at] !== element && list.insertBefore(element, list.children[at] ?? null));
    while (list.children.length > items.length) list.lastElementChild.remove();
    shown.push(...inside.map(({ id }) => id));
  }
  for (const id of [...elements.keys()]) if (!shown.includes(id)) elements.delete(id);
  if (focused && document.activeElement?.dataset?.id !== focused) elements.get(focused)?.firstElementChild.focus();
  $("queue-empty").hidden = conversations.some((each) => groupOf(each) === "queue");
  const here = officers.filter(({ presence }) => presence === "on_duty").map(officerName);
  $("officers").textContent = here.length ? word("officers_here", { names: here.join(", ") }) : word("officers_none");
  $("hours").hidden = !hours?.known;
  $("hours").textContent = hours?.known ? hoursText(hours) : "";
}

function hoursText({ open, changes_at: until }) {
  if (!until) return word(open ? "hours_open" : "hours_closed");
  return word(open ? "hours_open_until" : "hours_closed_until", { time: moment(until) });
}

export function mark(id) {
  current = id;
  for (const [each, element] of elements) marked(element.firstElementChild, each);
}

function marked(link, id) {
  if (id === current) link.setAttribute("aria-current", "true");
  else link.removeAttribute("aria-current");
}

// The conversation after (1) or before (-1) the open one.
export function beside(step) {
  const at = shown.indexOf(current);
  if (at < 0) return step > 0 ? shown[0] : shown.at(-1);
  return shown[at + step];
}

export function tick() {
  const now = Date.now();
  for (const clock of document.querySelectorAll("#groups [data-since]")) showClock(clock, now);
}

// As the hub counts; else, of one's own, what this browser has not shown yet.
export function unread({ id, mine, unread: counted, last_seq: last = 0 }) {
  if (counted !== undefined) return counted;
  const read = store.reads[id];
  return mine && id !== current && read !== undefined ? Math.max(0, last - read) : 0;
}

function groupElement(group) {
  let section = document.querySelector(`#groups [data-group=${group}]`);
  if (!section) {
    section = node("section");
    section.dataset.group = group;
    section.append(node("h3"), node("ul"));
    $("groups").append(section);
  }
  return { section, title: section.firstElementChild, list: section.lastElementChild };
}

function item(conversation, now) {
  const { id } = conversation;
  const element = elements.get(id) ?? node("li");
  const link = element.firstElementChild ?? element.appendChild(node("a"));
  elements.set(id, element);
  link.href = `#${encodeURIComponent(id)}`;
  link.dataset.id = id;
  link.className = asked(conversation) ? conversation.reason : "";
  marked(link, id);
  // what has not changed, but for the clock, is not written again: a screen reader may be reading it
  const state = JSON.stringify([{ ...conversation, waited: 0, begun: 0 }, unread(conversation), document.documentElement.lang]);
  if (element.dataset.state === state) return element;
  element.dataset.state = state;
  link.replaceChildren(...inQueue(conversation, unread(conversation), now));
  return element;
}
