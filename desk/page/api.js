// The console API: requests with the session's CSRF token, and event streams read with fetch.

export class Refused extends Error {
  // The hub answered that it won't take this; `code` and `message` are its own.
  constructor(status, error, retryAfter) {
    super(error?.message ?? String(status));
    this.status = status;
    this.code = error?.code;
    this.by = error?.by;
    this.retryAfter = retryAfter;
  }

  // A status without our own code is a proxy's, and says nothing of the request.
  get final() {
    return Boolean(this.code) && this.status < 500 && this.status !== 429 && !this.session;
  }

  get session() {
    return ["not_signed_in", "bad_csrf"].includes(this.code);
  }
}

const SILENCE = 45000; // ms without a byte after which a stream is taken for dead

let csrf = "";
let signedOut = () => {};

export function onSignedOut(handle) {
  signedOut = handle;
}

export async function me() {
  return own(await request("GET", "/me"));
}

export async function signIn(login, password, code) {
  return own(await request("POST", "/sign-in", code ? { login, password, code } : { login, password }));
}

function own(answer) {
  csrf = answer.csrf;
  return answer.officer;
}

export async function change(part) {
  return (await request("PATCH", "/me", part)).officer;
}

export async function signOut() {
  await request("POST", "/sign-out", {});
  csrf = "";
}

export const accept = (token, password) => request("POST", "/invitations/accept", { token, password });
export const phrases = () => request("GET", "/phrases");
export const queue = () => request("GET", "/queue");
export const conversation = (id) => request("GET", of(id));
export const handOver = (to) => request("POST", "/hand-over", to);
export const signInWays = () => request("GET", "/sign-in-ways");
export const search = (asked) => request("GET", `/search?${new URLSearchParams(asked)}`);
export const act = (id, what, body = {}) => request("POST", `${of(id)}/${what}`, body);
export const acknowledge = (call) => request("POST", `${alarm(call)}/acknowledge`, {});
export const closeCall = (call) => request("POST", `${alarm(call)}/close`, {});

const alarm = ({ conversation_id: id, seq }) => `/alarms/${encodeURIComponent(id)}/${seq}`;
const of = (id) => `/conversations/${encodeURIComponent(id)}`;

async function request(method, path, body) {
  const headers = { "Accept-Language": document.documentElement.lang };
  if (body) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRF-Token"] = csrf;
  const answer = await fetch(`/desk/api${path}`, { method, headers, body: body && JSON.stringify(body) });
  if (!answer.ok) throw await refusal(answer);
  if (answer.status === 204) return null;
  return answer.json();
}

async function refusal(answer) {
  const body = await answer.json().catch(() => ({}));
  const refused = new Refused(answer.status, body.error, Number(answer.headers.get("Retry-After")) || 0);
  refused.by ??= body.by;
  if (refused.session) signedOut();
  return refused;
}

// ---- requests, as the board shows and moves them

export const requests = (filter) => request("GET", `/requests?${new URLSearchParams(filter)}`);
export const emergencies = (day) => request("GET", `/emergencies${day ? `?${new URLSearchParams({ day })}` : ""}`);
export const move = (number, what, body) => request("POST", `/requests/${encodeURIComponent(number)}/${what}`, body);

// ---- how many wait at the lanes

export const lanes = () => request("GET", "/lanes");
export const enterFigures = (figures) => request("POST", "/lanes", { figures });

// ---- groups' briefings

export const briefings = () => request("GET", "/briefings");

// ---- streams: one of the queue, one of the conversation that is open

export class Stream {
  #stop = null;
  #over = false;
  #waiting = () => {};
  #heard = 0;

  // `before()` runs before each connection and gives the number from which to resume.
  constructor(conversation, before, handle) {
    this.path = conversation ? `${of(conversation)}/events` : "/events";
    this.#run(before, handle);
  }

  end() {
    this.#over = true;
    this.#stop?.abort();
    this.#waiting();
  }

  // After a sleep or a lost connection: a stream that has been silent is opened anew.
  wake() {
    if (Date.now() - this.#heard > SILENCE / 2) this.#stop?.abort();
    this.#waiting();
  }

  async #run(before, handle) {
    let wait = 500;
    while (!this.#over) {
      try {
        const seq = await before();
        if (this.#over) return;
        await this.#listen(seq, (name, data) => {
          wait = 500;
          if (!this.#over) handle(name, data);
        });
      } catch (error) {
        // without a session there is nothing to hear; what is gone will not come back
        if (error instanceof Refused && error.final) return handle("refused", error);
        if (error instanceof Refused && error.session) return;
      }
      if (this.#over) return;
      await new Promise((resolve) => {
        this.#waiting = resolve;
        setTimeout(resolve, wait);
      });
      wait = Math.min(2 * wait, 10000);
    }
  }

  async #listen(seq, handle) {
    const stop = (this.#stop = new AbortController());
    let timer;
    const alive = () => {
      this.#heard = Date.now();
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), SILENCE);
    };
    alive();
    try {
      const headers = seq === undefined ? {} : { "Last-Event-ID": String(seq) };
      const answer = await fetch(`/desk/api${this.path}`, { headers, signal: stop.signal });
      if (!answer.ok) throw await refusal(answer);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        alive();
        const events = (rest + value).split("\n\n");
        rest = events.pop();
        events.forEach((event) => parse(event, handle));
      }
    } finally {
      clearTimeout(timer);
      stop.abort();
    }
  }
}

// One event that can't be shown must not keep the others away.
function parse(event, handle) {
  let name = "message";
  let data = "";
  for (const line of event.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    if (line.startsWith("data: ")) data += line.slice(6);
  }
  try {
    if (data) handle(name, JSON.parse(data));
  } catch (error) {
    console.error(error);
  }
}
