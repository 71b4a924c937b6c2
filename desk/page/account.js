// Getting in: the sign-in form, the one-time link, and the officer's own settings.

import * as alarm from "./alarm.js";
import * as api from "./api.js";
import * as shift from "./shift.js";
import { store } from "./store.js";
import { showWays } from "./ways.js";
import { officerName, word } from "./words.js";

const $ = (id) => document.getElementById(id);
const invitation = () => (location.pathname === "/desk/invitation" ? decodeURIComponent(location.hash.slice(1)) : "");

let officer = null;
let hooks = { signedIn() {}, signedOut() {} };

// `signedIn(officer)` and `signedOut()`.
export function onAccount(handles) {
  hooks = handles;
}

// Shows one of the doors; `note` says why.
export function showDoor(note = "") {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  showDesk(false);
  $("invitation").hidden = !invitation();
  $("sign-in").hidden = Boolean(invitation());
  $("sign-in-note").textContent = note;
  $("password").value = $("code").value = "";
  showWays();
  $(invitation() ? "password-new" : $("login").value ? "password" : "login").focus();
}

function showDesk(shown) {
  $("doors").hidden = shown;
  for (const id of ["desk", "presence", "settings-open", "me", "skip", "board-open", "lanes-open", "briefings-open"]) $(id).hidden = !shown;
}

export function enter(own) {
  officer = own;
  showDesk(true);
  $("code-row").hidden = true;
  $("code").required = false;
  show();
}

export function show() {
  if (!officer) return;
  $("me").textContent = officerName(officer);
  $("me").dir = "auto";
  for (const radio of document.querySelectorAll("[name=presence]")) radio.checked = radio.value === officer.presence;
  $("away-hint").hidden = officer.presence !== "away";
  shift.presence(officer.presence);
  $("name-shown").checked = officer.name_shown;
  $("sound").checked = store.sound;
  $("notices").checked = store.notices && alarm.noticesAllowed();
  $("keys-on").checked = store.keys;
}

// What colleagues' pages are told of one's presence holds here too: another tab may have set it.
export function heard(officers) {
  const own = officers.find(({ id }) => id === officer?.id);
  if (!own || own.presence === officer.presence) return;
  officer = { ...officer, presence: own.presence };
  show();
}

// One request at a time; whether it went through.
async function attempt(form, note, work) {
  const press = form.querySelector("button.main");
  press.disabled = true;
  note.textContent = "";
  try {
    await work();
    return true;
  } catch (error) {
    note.textContent = error.code ? error.message : word("failed_action");
    if (error.code === "code_needed") {
      $("code-row").hidden = false;
      $("code").required = true;
      $("code").focus();
    }
    return false;
  } finally {
    press.disabled = false;
  }
}

$("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  alarm.unblock();
  attempt($("sign-in"), $("sign-in-note"), async () => {
    const own = await api.signIn($("login").value.trim(), $("password").value, $("code").value.trim());
    $("password").value = $("code").value = "";
    hooks.signedIn(own);
  });
});

$("invitation").addEventListener("submit", (event) => {
  event.preventDefault();
  if ($("password-new").value !== $("password-again").value) {
    $("invitation-note").textContent = word("passwords_differ");
    $("password-again").focus();
    return;
  }
  attempt($("invitation"), $("invitation-note"), async () => {
    await api.accept(invitation(), $("password-new").value);
    $("password-new").value = $("password-again").value = "";
    history.replaceState(null, "", "/desk");
    showDoor(word("password_set"));
  });
});

async function change(part, note) {
  try {
    officer = { ...officer, ...(await api.change(part)) };
    note("");
  } catch (error) {
    note(error.code ? error.message : word("failed_action"));
  }
  show();
}

let toldPresence = () => {};
export function onPresence(tell) {
  toldPresence = tell;
}

for (const radio of document.querySelectorAll("[name=presence]")) {
  radio.addEventListener("change", () => change({ presence: radio.value }, (text) => toldPresence(text)));
}

const inSettings = (text) => ($("settings-note").textContent = text);
$("settings-open").addEventListener("click", openSettings);
$("name-shown").addEventListener("change", () => change({ name_shown: $("name-shown").checked }, inSettings));
$("sound").addEventListener("change", () => (store.sound = $("sound").checked));
$("keys-on").addEventListener("change", () => (store.keys = $("keys-on").checked));
$("notices").addEventListener("change", async () => {
  store.notices = $("notices").checked && (await alarm.askForNotices());
  $("notices-denied").hidden = store.notices || !$("notices").checked;
  show();
});

export function openSettings() {
  inSettings("");
  $("shift-said").textContent = $("hand-over-said").textContent = "";
  $("notices-denied").hidden = true;
  show();
  $("settings").showModal();
}

$("sign-out").addEventListener("click", async () => {
  try {
    await api.signOut();
  } catch (error) {
    if (!error.session) return inSettings(error.code ? error.message : word("failed_action"));
  }
  $("settings").close();
  hooks.signedOut();
  showDoor(word("signed_out"));
});
