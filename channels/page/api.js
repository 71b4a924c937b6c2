// The hub's traveler API: requests, and the event stream read with fetch.

export class Refused extends Error {
  // The hub answered that it won't take this; `code` and `message` are its own.
  constructor(status, error, retryAfter) {
    super(error?.message ?? String(status));
    this.status = status;
    this.code = error?.code;
    this.retryAfter = retryAfter;
  }
}

const SILENCE = 45000; // ms without a byte after which a stream is taken for dead

const STALE = 20000; // ms after which a stream that slept with the page is not waited for

export class Api {
  #heard = 0;
  #stop = null;

  constructor(conversation) {
    this.conversation = conversation;
  }

  static async open(language) {
    return request("POST", "/api/conversations", { language: language.code, script: language.script });
  }

  // What is up, for a page that has no conversation to hear it from.
  static health() {
    return request("GET", "/health");
  }

  send(message) {
    return this.#call("POST", "/messages", message);
  }

  remove() {
    return this.#call("DELETE", "");
  }

  callOff() {
    return this.#call("DELETE", "/handoff");
  }

  // Signs of life: one that is lost is no harm.
  tell(what, body = {}) {
    this.#call("POST", `/${what}`, body).catch(() => {});
  }

  choose(language) {
    return this.#call("PATCH", "", { language: language.code, script: language.script });
  }

  // After a sleep or a lost connection: a stream that has been silent is opened anew.
  wake() {
    if (Date.now() - this.#heard > STALE) this.#stop?.abort();
  }

  // Calls handle(name, data) for each event until the stream ends or falls silent.
  async listen(seq, handle) {
    const stop = (this.#stop = new AbortController());
    let timer;
    const alive = () => {
      this.#heard = Date.now();
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), SILENCE);
    };
    alive();
    try {
      const answer = await fetch(this.#path("/events"), {
        headers: { ...this.#headers(), "Last-Event-ID": String(seq) },
        signal: stop.signal,
      });
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

  #call(method, path, body) {
    return request(method, this.#path(path), body, this.#headers());
  }

  #path(path) {
    return `/api/conversations/${encodeURIComponent(this.conversation.id)}${path}`;
  }

  #headers() {
    return { Authorization: `Bearer ${this.conversation.token}` };
  }
}

export async function request(method, path, body, headers = {}) {
  const answer = await fetch(path, {
    method,
    headers: { ...headers, "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw await refusal(answer);
  return answer.status === 204 ? null : answer.json();
}

async function refusal(answer) {
  const body = await answer.json().catch(() => ({}));
  return new Refused(answer.status, body.error, Number(answer.headers.get("Retry-After")) || 0);
}

function parse(event, handle) {
  let name = "message";
  let data = "";
  for (const line of event.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    if (line.startsWith("data: ")) data += line.slice(6);
  }
  if (data) handle(name, JSON.parse(data));
}
