// What outlives the page: the conversation's key, the draft, and messages not yet taken.

const read = (name, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
};

const write = (name, value) => {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // a full or forbidden storage costs survival of a reload, not the conversation
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
