// Keeps the page itself for a reload without connection; the network always comes first.

const CACHE = "baktu-page";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const ours = origin === location.origin && (pathname === "/" || pathname.startsWith("/page/") || pathname.startsWith("/ui/"));
  if (event.request.method === "GET" && ours) event.respondWith(fresh(event.request));
});

async function fresh(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok) cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: new URL(request.url).pathname === "/" });
    if (kept) return kept;
    throw error;
  }
}
