// Keeps the page that checks QR codes for where there is no network. What a code says and what its
// status is never come here: only the addresses below are ever kept.

const VERSION = new URL(location.href).searchParams.get("version") ?? "";
const KEPT = `echt-${VERSION}`;
/** The list outlives a release: a newer one must never be forgotten for the one of install time. */
const KEPT_LIST = "echt-list";
const TRUST_LIST = "/.well-known/echt-trust.json";
const LANGUAGES = ["nl", "en", "de"];
const SHELLS = LANGUAGES.flatMap((language) => [`/${language}/`, `/${language}/qr`]);
const FONTS = ["serif", "sans"].flatMap((kind) => {
  const family = kind === "serif" ? "source-serif-4" : "source-sans-3";
  return ["latin", "latin-ext"].flatMap((range) => [400, 600].map((weight) => `fonts/${family}-${range}-${weight}-normal.woff2`));
});
const MODULES = ["camera", "early", "qr-page", "scan", "vendor/qr/decode", "vendor/qr/index"];
const FILES = ["echt.css", "paper.css", "scanned.css", "mark.svg", ...FONTS, ...MODULES.map((name) => `${name}.js`)]
  .map((name) => `/static/${VERSION}/${name}`);
const PATIENCE = 5000;

/** @typedef {ExtendableEvent & {request: Request, respondWith(answer: Promise<Response>): void}} Asked */

/**
 * Everybody's copy: without a cookie, so that nothing of a session is kept. Files of a release never
 * change, so what the browser has of them is good.
 * @param {string} path
 */
function everybodys(path) {
  const cache = path.startsWith("/static/") ? "default" : "no-cache";
  return new Request(path, { credentials: "omit", cache });
}

async function keepAll() {
  const cache = await caches.open(KEPT);
  await cache.addAll([...SHELLS, ...FILES].map(everybodys));
  await (await caches.open(KEPT_LIST)).add(everybodys(TRUST_LIST));
}

async function forgetOthers() {
  const others = (await caches.keys()).filter((name) => name.startsWith("echt-") && ![KEPT, KEPT_LIST].includes(name));
  await Promise.all(others.map((name) => caches.delete(name)));
}

/** @param {string} path */
async function kept(path) {
  return (await caches.open(KEPT)).match(path, { ignoreVary: true });
}

/** The list of keys: the newest that can be had, and marked when it is an old one. @param {Request} request */
async function trustList(request) {
  try {
    const answer = await Promise.race([fetch(request), late()]);
    if (!answer.ok) throw new Error("no list");
    await (await caches.open(KEPT_LIST)).put(TRUST_LIST, answer.clone());
    return answer;
  } catch (error) {
    const old = await (await caches.open(KEPT_LIST)).match(TRUST_LIST);
    if (!old) throw error;
    return new Response(old.body, { headers: { "Content-Type": "application/json", "Echt-Kept": "yes" } });
  }
}

/** @param {Request} request @param {string} path */
async function shell(request, path) {
  const copy = await kept(path === "/" ? `/${preferred()}/` : path);
  if (!copy) return fetch(request);
  try {
    const network = fetch(request);
    return await Promise.race([network, late()]);
  } catch {
    return copy;
  }
}

/** @returns {Promise<never>} */
function late() {
  return new Promise((_, fail) => setTimeout(() => fail(new Error("late")), PATIENCE));
}

function preferred() {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2));
  return wanted.find((language) => LANGUAGES.includes(language)) ?? LANGUAGES[0];
}

/** @param {Request} request @param {string} path */
async function file(request, path) {
  return (await kept(path)) ?? fetch(request);
}

/** @param {Asked} event */
function answer(event) {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== "GET") return;
  if (pathname === TRUST_LIST) event.respondWith(trustList(request));
  else if (request.mode === "navigate" && (pathname === "/" || SHELLS.includes(pathname))) {
    event.respondWith(shell(request, pathname));
  } else if (FILES.includes(pathname)) event.respondWith(file(request, pathname));
}

addEventListener("install", (event) => /** @type {ExtendableEvent} */ (event).waitUntil(keepAll()));
addEventListener("activate", (event) => /** @type {ExtendableEvent} */ (event).waitUntil(forgetOthers()));
addEventListener("fetch", (event) => answer(/** @type {Asked} */ (event)));
