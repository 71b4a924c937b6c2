// Replies on their way: kept until the hub has taken or refused them, sent in their order.

import * as api from "./api.js";
import { keepOriginal, store } from "./store.js";

const LONGEST_WAIT = 10000; // ms between two tries
let sending = false;
let waked = () => {};
let changed = () => {};

// Calls handle(entry, state, note): sending, waiting, sent, failed, or gone from the outbox.
export function onOutbox(handle) {
  changed = handle;
}

export const waitingIn = (conversation) => store.outbox.filter((each) => each.conversation === conversation);

export function say(conversation, message) {
  const entry = { conversation, client_id: crypto.randomUUID?.() ?? randomId(), ...message };
  if (entry.original) keepOriginal(entry.client_id, entry.original);
  store.outbox = [...store.outbox, entry];
  changed(entry, "sending");
  flush();
}

// Takes an entry out; whether it was in.
export function drop({ client_id: id }) {
  const left = store.outbox.filter((each) => each.client_id !== id);
  const was = left.length < store.outbox.length;
  if (was) store.outbox = left;
  return was;
}

export function discard(entry) {
  drop(entry);
  changed(entry, "gone");
}

export function again(entry) {
  const { failed: _, ...fresh } = entry;
  store.outbox = [...store.outbox.filter((each) => each.client_id !== entry.client_id), fresh];
  changed(fresh, "sending");
  flush();
}

export function wake() {
  waked();
  flush();
}

// Sends what waits, oldest first, in one tab at a time; ends without a session.
export async function flush() {
  if (sending) return;
  sending = true;
  try {
    await alone("baktu.desk.send", sendAll);
  } finally {
    sending = false;
  }
}

async function sendAll() {
  let wait = 500;
  for (;;) {
    const entry = store.outbox.find((each) => !each.failed);
    if (!entry) return;
    const { conversation, client_id, text, phrase, values } = entry;
    try {
      await api.act(conversation, "messages", phrase ? { client_id, phrase, values } : { client_id, text });
      if (drop(entry)) changed(entry, "sent");
      wait = 500;
    } catch (error) {
      if (!store.outbox.some((each) => each.client_id === client_id)) continue;
      if (error.final) {
        const failed = { ...entry, failed: error.message };
        store.outbox = store.outbox.map((each) => (each.client_id === client_id ? failed : each));
        changed(failed, "failed", error.message);
        continue;
      }
      changed(entry, "waiting");
      if (error.session) return;
      await pause(error.retryAfter ? error.retryAfter * 1000 : wait);
      wait = Math.min(2 * wait, LONGEST_WAIT);
    }
  }
}

function pause(ms) {
  return new Promise((resolve) => {
    waked = resolve;
    setTimeout(resolve, ms);
  });
}

// Runs work in one tab at a time, where the browser can tell; twice sent is once stored anyway.
async function alone(name, work) {
  if (!navigator.locks) return work();
  return navigator.locks.request(name, work);
}

// Pages without https have no crypto.randomUUID.
function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");
}
