// Today's status, asked so that the server learns neither the document nor who asks (verifier.md 3.4).
import { digest, hex, utf8 } from "./bytes.js";
import { Refused, require } from "./refused.js";
import { CLOCK_SKEW, moment } from "./trust.js";

export const BUCKETS = "/api/v1/status-buckets";
const STATUSES = ["good", "superseded", "withdrawn"];
const MAX_BITS = 32;
const MAX_AGE = 24 * 3600_000;
const MAX_LENGTH = 4_000_000;
const PATIENCE = 30_000;

/** @typedef {"good" | "superseded" | "withdrawn" | null} Status null when nobody can say now */

/**
 * The status of a document number; null for anything that is not a clear and fresh answer.
 * @param {string} number
 * @param {(path: string) => Promise<unknown>} ask the JSON of an address of ours
 * @param {number} now milliseconds
 * @param {Promise<unknown>} [widthAsked] the answer about the width, when it was asked before
 * @returns {Promise<Status>}
 */
export async function statusOf(number, ask, now, widthAsked) {
  try {
    const bits = width(await (widthAsked ?? ask(BUCKETS)), now);
    const key = hex(await digest(utf8(number)));
    const prefix = prefixOf(key, bits);
    return found(await ask(`${BUCKETS}/${prefix}`), key, bits, now);
  } catch (error) {
    if (error instanceof Refused || error instanceof TypeError || error instanceof DOMException) return null;
    throw error;
  }
}

/** The first `bits` bits of a hash as a number in hexadecimal. @param {string} key @param {number} bits */
export function prefixOf(key, bits) {
  const first = BigInt(`0x${key}`) >> BigInt(256 - bits);
  return first.toString(16).padStart(Math.ceil(bits / 4), "0");
}

/** Ask an address of ours for JSON: no cookie, no cache, no redirect. @param {string} path */
export async function fetched(path) {
  const answer = await fetch(path, {
    credentials: "omit",
    cache: "no-store",
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE),
  });
  require(answer.ok, "status_answer");
  const written = await answer.text();
  require(written.length <= MAX_LENGTH, "status_answer");
  try {
    return JSON.parse(written);
  } catch {
    throw new Refused("status_answer");
  }
}

/** @param {unknown} answer @param {number} now */
function width(answer, now) {
  const told = object(answer);
  requireFresh(told, now);
  return bitsOf(told.bits);
}

/** @param {unknown} answer @param {string} key @param {number} bits @param {number} now @returns {Status} */
function found(answer, key, bits, now) {
  const told = object(answer);
  requireFresh(told, now);
  require(bitsOf(told.bits) === bits && told.prefix === prefixOf(key, bits), "status_answer");
  const entries = told.entries;
  require(Array.isArray(entries), "status_answer");
  const from = Math.floor(bits / 4);
  const form = new RegExp(`^[0-9a-f]{${64 - from}}$`);
  const mine = new Set();
  for (const entry of entries) {
    require(Array.isArray(entry) && entry.length === 2, "status_answer");
    const [rest, status] = entry;
    require(typeof rest === "string" && form.test(rest) && STATUSES.includes(status), "status_answer");
    if (rest === key.slice(from)) mine.add(status);
  }
  require(mine.size <= 1, "status_answer");
  return mine.values().next().value ?? null;
}

/** @param {unknown} value */
function bitsOf(value) {
  require(typeof value === "number" && Number.isInteger(value), "status_answer");
  require(value >= 0 && value <= MAX_BITS, "status_answer");
  return value;
}

/** @param {Record<string, unknown>} told @param {number} now */
function requireFresh(told, now) {
  const asOf = moment(told.asOf);
  require(asOf <= now + CLOCK_SKEW && now - asOf <= MAX_AGE, "status_stale");
}

/** @param {unknown} value @returns {Record<string, unknown>} */
function object(value) {
  require(typeof value === "object" && value !== null && !Array.isArray(value), "status_answer");
  return /** @type {Record<string, unknown>} */ (value);
}
