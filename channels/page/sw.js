// Keeps the page itself for a reload without connection; the network always comes first.

const CACHE = "baktu-page";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", ({ data }) => {
  for (const address of data.keep ?? []) if (isOurs(new URL(address, location))) fresh(new Request(address));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && isOurs(new URL(request.url))) event.respondWith(fresh(request));
});

function isOurs({ origin, pathname }) {
  return origin === location.origin && (pathname === "/" || /^\/(page|ui|briefing)\/(?!.*\.pdf$)/.test(pathname));
}

async function fresh(request) {
  const { pathname, search } = new URL(request.url);
  // the page is one, whatever a widget asks of it
  const key = pathname === "/" ? "/" : pathname + search;
  try {
    const answer = await fetch(request, { cache: "no-cache" });
    if (answer.ok) keep(key, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(key);
    if (kept) return kept;
    throw error;
  }
}

async function keep(key, answer) {
  try {
    await (await caches.open(CACHE)).put(key, answer);
  } catch {
    // a full storage costs the offline page, not this one
  }
}
