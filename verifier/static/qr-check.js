// From the text of a QR code to what is true of it. No page, no network: the list comes in, a result goes out.
import { base32 } from "./base32.js";
import { claims } from "./claims.js";
import { openSign1 } from "./cose.js";
import { Refused } from "./refused.js";
import { CLOCK_SKEW, readTrustList, trusts } from "./trust.js";
import { certificate, isSignedBy } from "./x509.js";

/**
 * @typedef {object} Result
 * @property {"GENUINE" | "NOT_OURS" | "CANNOT_CHECK"} code GENUINE still waits for the status
 * @property {string} reason a stable key
 * @property {import("./claims.js").Facts} [facts] only of a genuine code
 */

/** What a fragment must at least be before it is taken for facts: no anchor of ours is as long. */
const LEAST_LETTERS = 64;

/** Whether what stands after `#` was meant as facts, damaged or not. @param {string} fragment */
export function looksLikeFacts(fragment) {
  return fragment.length >= LEAST_LETTERS;
}

/**
 * The facts in the text of a code that was scanned; another address is another house.
 * @param {string} text
 * @param {string} address exactly our host
 * @returns {{facts: string} | {host: string}}
 */
export function scanned(text, address) {
  const start = `https://${address}/#`;
  if (text.startsWith(start)) return { facts: text.slice(start.length) };
  try {
    return { host: new URL(text).host };
  } catch {
    return { host: "" };
  }
}

/**
 * The list to judge by, or why there is none.
 * @param {Uint8Array | null} bytes
 * @param {number} now milliseconds
 * @param {Parameters<typeof readTrustList>[2]} [asked]
 * @returns {Promise<import("./trust.js").TrustList | string>}
 */
export async function listOrReason(bytes, now, asked) {
  if (bytes === null) return "no_trust_list";
  try {
    const list = await readTrustList(bytes, now, asked);
    return now >= list.expiresAt ? "trust_list_expired" : list;
  } catch (error) {
    if (error instanceof Refused) return "trust_list_invalid";
    throw error;
  }
}

/**
 * Judge the facts of a code by a trust list.
 * @param {string} text base32, as it stands behind `#`
 * @param {import("./trust.js").TrustList | string} list or the reason why there is none
 * @param {number} now milliseconds
 * @param {{isFresh?: boolean}} [how] whether the list was fetched just now; an older one cannot
 *   know the newest keys
 * @returns {Promise<Result>}
 */
export async function checkFacts(text, list, now, how = {}) {
  if (typeof list === "string") return { code: "CANNOT_CHECK", reason: list };
  try {
    return await judged(text, list, now, how.isFresh ?? true);
  } catch (error) {
    if (error instanceof Refused) return { code: "NOT_OURS", reason: "code_damaged" };
    throw error;
  }
}

/**
 * The number that a code claims, so that its bucket can be asked for while its signature is
 * judged. Until then it is only a claim. Null where a code claims none.
 * @param {string} text base32, as it stands behind `#`
 */
export function claimedNumber(text) {
  try {
    return claims(openSign1(base32(text)).payload).number;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** @param {string} text @param {import("./trust.js").TrustList} list @param {number} now @param {boolean} isFresh @returns {Promise<Result>} */
async function judged(text, list, now, isFresh) {
  const statement = openSign1(base32(text));
  const entry = list.keys.find((key) => key.kid === statement.kid);
  if (entry === undefined && !isFresh) return { code: "CANNOT_CHECK", reason: "key_not_on_list_yet" };
  if (entry === undefined || entry.purpose !== "facts" || entry.algorithm !== "ES256") {
    return { code: "NOT_OURS", reason: "other_key" };
  }
  const own = certificate(/** @type {Uint8Array} */ (entry.certificates[0]));
  const { signature, covered } = statement;
  if (!(await isSignedBy(own, "ES256", signature, covered, { raw: true }))) {
    return { code: "NOT_OURS", reason: "signature_differs" };
  }
  const facts = understood(statement.payload);
  return facts === null ? { code: "CANNOT_CHECK", reason: "code_newer" } : byTime(entry, facts, now);
}

/** The facts; null where our key signed what a later release may understand. @param {Uint8Array} payload */
function understood(payload) {
  try {
    return claims(payload);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/**
 * Our key signed it. The time in the facts is only what the signer said: after a theft it proves nothing.
 * @param {import("./trust.js").KeyEntry} entry
 * @param {import("./claims.js").Facts} facts
 * @param {number} now
 * @returns {Result}
 */
function byTime(entry, facts, now) {
  if (entry.state === "announced") return { code: "CANNOT_CHECK", reason: "key_not_on_list_yet" };
  if (entry.compromisedSince !== null) return { code: "CANNOT_CHECK", reason: "key_stolen" };
  if (facts.issued > now + CLOCK_SKEW) return { code: "CANNOT_CHECK", reason: "clock" };
  if (!trusts(entry, facts.issued)) return { code: "CANNOT_CHECK", reason: "time_does_not_fit" };
  return { code: "GENUINE", reason: "signed_by_us", facts };
}
