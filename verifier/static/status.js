// Today's status, asked so that the server learns neither the document nor who asks (verifier.md 3.4).
import { bitsOf, found, members, prefixOf } from "./bucket.js";
import { digest, hex, utf8 } from "./bytes.js";
import { Refused, require } from "./refused.js";
import { CLOCK_SKEW, moment } from "./trust.js";

export const BUCKETS = "/api/v1/status-buckets";
const MAX_LENGTH = 4_000_000;
const PATIENCE = 30_000;

/**
 * The status of a document number; null for anything that is not a clear answer. Withdrawn and
 * replaced are for good; only a good word gets old.
 * @param {string} number
 * @param {(path: string) => Promise<unknown>} ask the JSON of an address of ours
 * @param {{now: number, fresh: number, widthAsked?: Promise<unknown>}} how the time and the age at
 *   which a good word is too old, in milliseconds; the answer about the width, when it was asked before
 * @returns {Promise<import("./bucket.js").Status | null>}
 */
export function statusOf(number, ask, { now, fresh, widthAsked }) {
  return statusIn(BUCKETS, digest(utf8(number)).then(hex), ask, { now, fresh, widthAsked });
}

/**
 * The status of a key in the buckets of one kind; null as above.
 * @param {string} buckets where they lie
 * @param {string | Promise<string>} wanted the key in hexadecimal
 * @param {Parameters<typeof statusOf>[1]} ask
 * @param {Parameters<typeof statusOf>[2]} how
 * @returns {ReturnType<typeof statusOf>}
 */
export async function statusIn(buckets, wanted, ask, { now, fresh, widthAsked }) {
  try {
    const [width, key] = await Promise.all([widthAsked ?? ask(buckets), wanted]);
    const bits = bitsOf(width);
    const answer = await ask(`${buckets}/${prefixOf(key, bits)}`);
    const status = found(answer, key, bits);
    const asOf = moment(members(answer).asOf);
    require(asOf <= now + CLOCK_SKEW, "status_from_the_future");
    return status === "good" && now - asOf > fresh ? null : status;
  } catch (error) {
    if (error instanceof Refused || error instanceof TypeError || error instanceof DOMException) return null;
    throw error;
  }
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
