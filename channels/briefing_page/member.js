// A member's page: who reads, the steps one at a time with ticks, and how far that person is.

import { Refused, request } from "/page/api.js";
import { day as dayNamed } from "/page/clock.js";
import { button, node } from "/page/nodes.js";
import { word } from "/page/words.js";
import * as people from "./people.js";
import { $, begin, code, isolated, keepForOffline, noon, notice, pause, sayAloud, showOver, spoken, tagged } from "./shared.js";

const PORT = 8 * 3600000; // ms by which the port's clock is ahead of UTC
const LOOK = 60000; // ms between two looks whether the briefing has ended

let steps = [];
let adding = false;
let over = false;

async function start() {
  people.onChange(told);
  await begin((told_) => {
    steps = told_;
    if (over) again();
    else show();
  });
  people.flush();
  watch();
}

// The page may stay open over the end of the day, and be opened after it without connection.
async function watch() {
  while (!over) {
    try {
      const { day } = await request("GET", `/api/briefings/${code}`);
      if (day !== people.day()) {
        people.knowDay(day);
        show();
      }
    } catch (error) {
      if (error instanceof Refused && ["briefing_ended", "briefing_unknown"].includes(error.code)) return end(error.message);
    }
    const today = new Date(Date.now() + PORT).toISOString().slice(0, 10);
    if (people.day() && people.day() < today) return end(word("ended"));
    await pause(LOOK);
  }
}

// Why it is over, in the language chosen now.
function again() {
  over = false;
  watch();
}

function end(text) {
  over = true;
  people.forget();
  showOver(text);
}

function told(error) {
  if (error) end(error.message);
  else if (!over) showState();
}

// ---- what is shown

const of = (step) => [step.key, ...step.items.map(({ key }) => key)];
const whole = (step, person) => of(step).every((key) => person.done.includes(key));

function show() {
  if (over) return;
  const person = people.current();
  const joining = adding || !person;
  $("who").hidden = !joining;
  $("reader").hidden = joining;
  const at = joining ? -1 : Math.min(person.at, steps.length);
  $("walk").hidden = joining || at === steps.length;
  $("summary").hidden = joining || at < steps.length;
  $("foot").hidden = joining;
  for (const link of document.querySelectorAll(".ask")) link.href = `/?language=${tagged()}`;
  if (joining) showJoining();
  else if (at < steps.length) showStep(at, person);
  else showSummary(person);
  showState();
}

function showJoining() {
  $("group").textContent = people.day() ? word("group", { day: dayNamed(noon(people.day())) }) : word("title");
  $("not-now").hidden = !people.current();
}

function showStep(at, person) {
  const step = steps[at];
  $("step-count").textContent = word("step", { number: at + 1, count: steps.length });
  $("step-progress").max = steps.length;
  $("step-progress").value = at + 1;
  $("step-title").textContent = step.title;
  $("step-text").textContent = step.text;
  $("items").hidden = !step.items.length;
  $("item-list").replaceChildren(...step.items.map((item) => checkbox(item, person)));
  for (const [id, text] of [["caution", step.caution], ["sources", step.sources]]) {
    $(id).textContent = text;
    $(id).hidden = !text;
  }
  $("next").textContent = word(at + 1 < steps.length ? "next" : "finish");
  $("next").hidden = false;
  $("back").hidden = at === 0;
}

function checkbox({ key, text }, person) {
  const label = node("label");
  const box = node("input");
  box.type = "checkbox";
  box.checked = person.done.includes(key);
  box.addEventListener("change", () => people.tick(key, box.checked));
  label.append(box, said(text));
  return label;
}

// Reads in the page's direction, also where it begins with a Latin name.
function said(text) {
  const element = node("span");
  element.textContent = text;
  return element;
}

function showSummary(person) {
  const ready = steps.every((step) => whole(step, person));
  $("summary-title").textContent = word(ready ? "ready_title" : "not_ready_title", { called: isolated(people.named(person)) });
  $("summary-text").textContent = word(ready ? "ready_text" : "not_ready_text");
  $("steps").replaceChildren(
    ...steps.map((step, at) => {
      const entry = node("li");
      const open = button(whole(step, person) ? "whole" : "", "", () => go(at));
      const done = of(step).filter((key) => person.done.includes(key)).length;
      open.append(said(step.title), node("span", "note", word("progress", { done, of: of(step).length })));
      entry.append(open);
      return entry;
    }),
  );
  const { code: language, script } = spoken();
  // of a step nothing is ticked on paper but its items
  const done = person.done.filter((key) => key.includes(".")).join();
  $("checklist").href = `/briefing/checklist.pdf?${new URLSearchParams({ language, script, done })}`;
  $("next").hidden = true;
  $("back").hidden = false;
}

// What may change under the reader's hands without their doing.
function showState() {
  const person = people.current();
  const names = people.people().map(people.named);
  if (JSON.stringify(names) !== $("person").dataset.names) {
    $("person").dataset.names = JSON.stringify(names);
    $("person").replaceChildren(...names.map((name, at) => new Option(name, at)));
  }
  if (!person || adding) return notice("status", "");
  $("person").value = people.people().indexOf(person);
  showRefused(person.refused);
  const text = person.refused ? "" : word(people.unsent(person) ? "unsent" : "sent");
  if ($("sent").textContent !== text) $("sent").textContent = text;
  if (!$("summary").hidden) showSummary(person);
}

function showRefused(refused) {
  notice("status", refused?.message ?? "");
  if (!refused) return;
  $("status").append(" ", button("link", word(refused.code === "briefing_removed" ? "join_again" : "again"), people.rejoin));
}

// ---- what the reader does

function go(at) {
  people.goTo(at);
  show();
  $("main").scrollTop = 0;
  $(at < steps.length ? "step-title" : "summary-title").focus({ preventScroll: true });
}

$("join").addEventListener("submit", (event) => {
  event.preventDefault();
  // signs that can't be seen are no name
  const called = $("called").value.replace(/\p{C}+/gu, " ").trim();
  if (!called) return $("called").focus();
  $("called").value = "";
  adding = false;
  people.add(called);
  go(0);
});

function another() {
  adding = true;
  show();
  $("main").scrollTop = 0;
  $("called").focus();
}

$("another").addEventListener("click", another);
$("another-end").addEventListener("click", another);
$("not-now").addEventListener("click", () => {
  adding = false;
  go(people.current().at);
});

$("person").addEventListener("change", () => {
  people.turnTo(Number($("person").value));
  show();
  sayAloud(people.named(people.current()));
});

$("next").addEventListener("click", () => {
  const { at } = people.current();
  people.tick(steps[at].key, true);
  go(at + 1);
});

$("back").addEventListener("click", () => go(Math.min(people.current().at, steps.length) - 1));

start().then(keepForOffline);
