// What outlives the page: the conversation's key, the draft, and messages not yet taken.

const kept = {};

const read = (name, otherwise) => {
  if (name in kept) return kept[name];
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
};

const write = (name, value) => {
  try {
    localStorage.setItem(name, JSON.stringify(value));
    delete kept[name];
  } catch {
    // a full or forbidden storage costs survival of a reload, not the conversation
    kept[name] = value;
  }
};

export const store = {
  get conversation() { return read("baktu.conversation", null); },
  set conversation(value) { write("baktu.conversation", value); },
  get draft() { return read("baktu.draft", ""); },
  set draft(value) { write("baktu.draft", value); },
  get outbox() { return read("baktu.outbox", []); },
  set outbox(value) { write("baktu.outbox", value); },
};
