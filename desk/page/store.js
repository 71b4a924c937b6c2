// What outlives the page: settings of this browser; drafts and unsent messages of each officer.

const kept = {};
let officer = "";

// Whose drafts and messages: colleagues may share a computer.
export function keepFor(id) {
  officer = id;
}

function read(key, otherwise) {
  if (key in kept) return kept[key];
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    delete kept[key];
  } catch {
    // a full or forbidden storage costs survival of a reload, not the work
    kept[key] = value;
  }
}

const OF_BROWSER = { language: null, sound: true, notices: false, keys: true };
const OF_OFFICER = {
  reads: {}, // by conversation the number of the last message that was on the screen
  drafts: {}, // by conversation and what it is for: {"<id>": {reply, note}}
  originals: {}, // by client_id the sentence of a phrase in the officer's language
  outbox: [], // {conversation, client_id, text | phrase, values, …}, oldest first
};

export const store = {};
for (const [name, otherwise] of Object.entries(OF_BROWSER)) {
  Object.defineProperty(store, name, {
    get: () => read(`baktu.desk.${name}`, otherwise),
    set: (value) => write(`baktu.desk.${name}`, value),
  });
}
for (const [name, otherwise] of Object.entries(OF_OFFICER)) {
  Object.defineProperty(store, name, {
    get: () => read(`baktu.desk.${officer}.${name}`, otherwise),
    set: (value) => write(`baktu.desk.${officer}.${name}`, value),
  });
}

export function draft(conversation, mode) {
  return store.drafts[conversation]?.[mode] ?? "";
}

export function keepDraft(conversation, mode, text) {
  const { [conversation]: own = {}, ...others } = store.drafts;
  const { [mode]: _, ...rest } = own;
  const now = text ? { ...rest, [mode]: text } : rest;
  store.drafts = Object.keys(now).length ? { ...others, [conversation]: now } : others;
}

const MOST = 200; // conversations and phrases that are remembered

export function keepRead(conversation, seq) {
  const { [conversation]: _, ...others } = store.reads;
  store.reads = Object.fromEntries([...Object.entries(others).slice(1 - MOST), [conversation, seq]]);
}

export const original = (clientId) => store.originals[clientId] ?? "";

export function keepOriginal(clientId, text) {
  store.originals = Object.fromEntries([...Object.entries(store.originals).slice(1 - MOST), [clientId, text]]);
}

// Calls handle() when another tab changed what is kept.
export function onChange(handle) {
  addEventListener("storage", ({ key }) => key?.startsWith("baktu.desk.") && handle(key));
}
