// What outlives the page: the conversation's key, the draft, messages not yet taken, how to look.

const kept = {};

function read(name, otherwise) {
  if (name in kept) return kept[name];
  try {
    return JSON.parse(localStorage.getItem(`baktu.${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(name, value) {
  try {
    localStorage.setItem(`baktu.${name}`, JSON.stringify(value));
    delete kept[name];
  } catch {
    // a full or forbidden storage costs survival of a reload, not the conversation
    kept[name] = value;
  }
}

const DEFAULTS = {
  conversation: null,
  draft: "",
  outbox: [],
  choice: null, // a language chosen by hand that the hub does not know yet
  language: null, // as last shown, so that a reload without connection speaks it
  read: 0, // number of the last message that was on the screen
  look: {},
};

export const store = {};
for (const [name, otherwise] of Object.entries(DEFAULTS)) {
  Object.defineProperty(store, name, {
    get: () => read(name, otherwise),
    set: (value) => write(name, value),
  });
}

// Calls handle() when another tab opened or ended the conversation.
export function onConversation(handle) {
  addEventListener("storage", ({ key }) => key === "baktu.conversation" && handle());
}
