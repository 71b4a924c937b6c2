// Alarms until a person acknowledges them, sounds, and notices outside the page.

import { button, node } from "/page/nodes.js";
import { store } from "./store.js";
import { lasting, named, place, sayAloud, spokenAs, times, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const AGAIN = 1600; // ms between two alarm sounds
const open = new Map(); // by conversation and seq
const leaving = new Set(); // acknowledged here, the hub's answer is under way
let sounding = null;
let audio = null;
let acknowledge = () => {};
let supervises = false; // whether escalated alarms are for who reads here

const key = ({ conversation_id: id, seq }) => `${id}:${seq}`;

// `press(alarm, and open it)` acknowledges; it raises what the request raises.
export function onAcknowledge(press) {
  acknowledge = press;
}

export function supervise(own) {
  supervises = own;
}

const ours = (alarm) => supervises && Boolean(alarm.escalated);

// The alarms that nobody has acknowledged, as the hub tells them: the whole list.
export function show(alarms) {
  const known = new Map(open);
  open.clear();
  for (const alarm of alarms) if (!leaving.has(key(alarm))) open.set(key(alarm), alarm);
  render();
  for (const [id, alarm] of open) {
    const before = known.get(id);
    const becameOurs = before && ours(alarm) && !ours(before);
    if (becameOurs) sayAloud(`${word("alarm_yours")} ${said(alarm)}`);
    if (!before || becameOurs) notice(word(ours(alarm) ? "alarm_yours" : "alarm"), said(alarm), id, true);
  }
}

export function add(alarm) {
  show([...open.values(), alarm]);
}

export function silence() {
  open.clear();
  render();
}

export const relabel = render;

const said = (alarm) => word("alarm_line", { kind: named("kind", alarm.kind), place: place(alarm.place) });

function render() {
  const list = $("alarms");
  for (const element of [...list.children]) if (!open.has(element.dataset.key)) element.remove();
  for (const [id, alarm] of open) {
    const state = JSON.stringify([alarm, supervises, document.documentElement.lang]);
    let element = [...list.children].find((each) => each.dataset.key === id);
    if (element?.dataset.state === state) continue;
    if (!element) list.append((element = node("li")));
    Object.assign(element.dataset, { key: id, state });
    element.className = ours(alarm) ? "ours" : "";
    element.replaceChildren(...parts(alarm, id));
  }
  if (open.size) {
    if (!$("alarm").open) $("alarm").showModal();
    sounding ??= setInterval(siren, AGAIN, siren());
  } else {
    clearInterval(sounding);
    sounding = null;
    if ($("alarm").open) $("alarm").close();
  }
}

function parts(alarm, id) {
  const note = node("p", "said");
  const press = async (andOpen) => {
    leaving.add(id);
    try {
      await acknowledge(alarm, andOpen);
      open.delete(id);
      render();
    } catch (error) {
      note.textContent = error.code ? error.message : word("failed_action");
    } finally {
      leaving.delete(id);
    }
  };
  const row = node("div", "row");
  row.append(
    button("main", word("acknowledge_open"), () => press(true)),
    button("", word("acknowledge"), () => press(false)),
  );
  const when = node("p", "quiet");
  const clock = node("span", "", lasting(Date.now() - Date.parse(alarm.created_at)));
  clock.dataset.alarmed = alarm.created_at;
  when.append(`${[times(alarm.created_at), spokenAs(alarm)].filter(Boolean).join(" · ")} · `, clock);
  const all = [node("p", "what", said(alarm)), when, note, row];
  if (alarm.escalated) all.splice(2, 0, node("p", "hint", word(ours(alarm) ? "alarm_yours" : "alarm_escalated")));
  return all;
}

export function tick() {
  for (const clock of document.querySelectorAll("[data-alarmed]")) {
    clock.textContent = lasting(Date.now() - Date.parse(clock.dataset.alarmed));
  }
}

// Escape must not hide an alarm: a browser may close the dialog all the same.
$("alarm").addEventListener("cancel", (event) => event.preventDefault());
$("alarm").addEventListener("close", () => open.size && setTimeout(render));

// ---- sounds, made here so that no file has to be loaded

function context() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
  return audio;
}

// Browsers give no sound to a page that nobody has touched yet.
export function blocked() {
  return Boolean(sounding) && audio?.state !== "running";
}

export function unblock() {
  try {
    context();
  } catch {
    // a machine without sound
  }
}

function tone(pitch, from, length, loud) {
  const sound = context();
  const gain = sound.createGain();
  const source = sound.createOscillator();
  const start = sound.currentTime + from;
  source.frequency.value = pitch;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(loud, start + 0.02);
  gain.gain.setValueAtTime(loud, start + length - 0.05);
  gain.gain.linearRampToValueAtTime(0, start + length);
  source.connect(gain).connect(sound.destination);
  source.start(start);
  source.stop(start + length);
}

function siren() {
  try {
    // what a sleeping device had to leave out is not made up for later
    if (context().state !== "running") return;
    for (const at of [0, 0.5]) {
      tone(880, at, 0.25, 0.4);
      tone(660, at + 0.25, 0.25, 0.4);
    }
    navigator.vibrate?.([300, 100, 300]);
  } catch {
    // a machine without sound still shows the dialog
  }
}

export function chime() {
  if (!store.sound || sounding) return;
  try {
    if (context().state !== "running") return;
    tone(660, 0, 0.15, 0.15);
    tone(880, 0.15, 0.2, 0.15);
  } catch {
    // as above
  }
}

// ---- notices of the system, where the officer wants them and the page is not seen

export const noticesAllowed = () => "Notification" in window && Notification.permission === "granted";

export async function askForNotices() {
  return "Notification" in window && (await Notification.requestPermission()) === "granted";
}

export function notice(title, text, about, always = false) {
  if (!store.notices || !noticesAllowed()) return;
  if (!always && document.visibilityState === "visible" && document.hasFocus()) return;
  try {
    const shown = new Notification(title, { body: text, tag: about, icon: "/page/icon-192.png" });
    shown.addEventListener("click", () => {
      window.focus();
      shown.close();
    });
  } catch {
    // phones give notices to service workers only
  }
}
