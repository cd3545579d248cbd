// A scanned code, checked on this very device. Only the trust list and a bucket of statuses are asked for.
import { checkFacts, claimedNumber, listOrReason, looksLikeFacts, scanned } from "./qr-check.js";
import { BUCKETS, fetched, statusOf } from "./status.js";
import { View } from "./qr-view.js";

const TRUST_LIST = "/.well-known/echt-trust.json";
/** Set by the service worker on a list that it kept: such a list cannot know the newest keys. */
const KEPT = "Echt-Kept";
const BY_STATUS = { good: "QR_GENUINE_COMPARE", superseded: "SUPERSEDED", withdrawn: "WITHDRAWN" };
const LISTED = ["facts"];
const PATIENCE = 30_000;
/** Which check is the newest: an older one that is slower says nothing any more. */
let latest = 0;

/** @typedef {{list: Promise<Response | null>, width: Promise<unknown>}} Asked */

/** What `early.js` asked before the page was drawn; the answer with the list can be read once. */
function askedEarly() {
  const found = /** @type {{echtAsked?: Asked}} */ (window);
  const asked = found.echtAsked;
  delete found.echtAsked;
  return asked;
}

/** @param {Promise<Response | null>} [early] */
async function trustList(early) {
  const signal = AbortSignal.timeout(PATIENCE);
  const how = /** @type {RequestInit} */ ({ credentials: "omit", cache: "no-store", redirect: "error", signal });
  const answer = await (early ?? fetch(TRUST_LIST, how).catch(() => null));
  if (!answer?.ok) return { bytes: null, isFresh: false };
  const bytes = await answer.arrayBuffer().then((buffer) => new Uint8Array(buffer), () => null);
  return { bytes, isFresh: !answer.headers.has(KEPT) };
}

/** @param {Promise<unknown>} early */
async function width(early) {
  return (await early) ?? fetched(BUCKETS);
}

/**
 * The serial of the newest list that this browser saw from the same root: an older one is refused.
 * @param {import("./trust.js").TrustList | string} list
 */
function rolledBack(list) {
  if (typeof list === "string") return false;
  const name = `echt-serial-${list.roots[0]?.slice(-16).join("")}`;
  try {
    if (list.serial < Number(localStorage.getItem(name) ?? 0)) return true;
    localStorage.setItem(name, String(list.serial));
  } catch {
    return false; // a browser that keeps nothing remembers nothing
  }
  return false;
}

/** Whatever goes wrong on the way is an answer too. @param {View} view @param {string} facts */
async function check(view, facts) {
  latest += 1;
  const mine = latest;
  const now = new Date();
  const { code, ...told } = await result(view, facts, now).catch(() => ({ code: "CANNOT_CHECK" }));
  if (mine === latest) view.show(code, { checked: view.checkedAt(now), ...told });
}

/**
 * @param {View} view
 * @param {string} facts
 * @param {Date} now
 * @returns {Promise<{code: string, checked?: string} & import("./qr-view.js").Told>}
 */
async function result(view, facts, now) {
  if (!view.hosts.includes(location.host)) return { code: "NOT_OURS", reason: "page-host", host: location.host };
  const asked = askedEarly();
  const widthAsked = asked && width(asked.width);
  const number = claimedNumber(facts);
  const how = { now: now.getTime(), fresh: view.fresh, widthAsked };
  const statusAsked = number === null ? null : statusOf(number, fetched, how);
  for (const asked of [widthAsked, statusAsked]) asked?.catch(() => null); // told by whoever waits for it
  const { bytes, isFresh } = await trustList(asked?.list);
  const read = await listOrReason(bytes, now.getTime(), { purposes: LISTED });
  const list = rolledBack(read) ? "trust_list_invalid" : read;
  const judged = await checkFacts(facts, list, now.getTime(), { isFresh });
  if (!judged.facts) return { code: judged.code, reason: judged.reason };
  // Drawn while the status is on its way, and shown only if that allows.
  const drawn = { lines: view.facts(judged.facts), checked: view.checkedAt(now) };
  const status = await statusAsked;
  return { code: status === null ? "GENUINE_STATUS_UNKNOWN" : BY_STATUS[status], ...drawn };
}

/** @param {View} view */
async function checkAddress(view) {
  const fragment = location.hash.slice(1);
  if (looksLikeFacts(fragment)) await check(view, fragment);
  else if (latest) location.reload(); // back to the page without a code: its answer must not stand there
}

/**
 * What a camera or a photo gave. A code of another house is told of, never opened.
 * @param {string} text
 */
export async function checkScanned(text) {
  const view = new View(document);
  const found = scanned(text, view.hosts[0] ?? "");
  if ("host" in found) {
    latest += 1;
    const reason = found.host === view.hosts[0] ? "own-host" : "other-host";
    view.show("NOT_OURS", { reason, host: found.host, checked: view.checkedAt(new Date()) });
    return;
  }
  history.replaceState(null, "", `#${found.facts}`);
  await check(view, found.facts);
}

/** The service worker keeps this page for where there is no network; without one all else works. */
function keepForLater() {
  const worker = document.querySelector("[data-scanned]")?.getAttribute("data-worker");
  if (worker) navigator.serviceWorker?.register(worker, { scope: "/" }).catch(() => null);
}

const view = new View(document);
addEventListener("hashchange", () => checkAddress(view));
await checkAddress(view);
keepForLater();
