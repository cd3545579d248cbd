// One bucket of hashes: its name, and what stands in it of one hash (docs/api.md).
import { require } from "./refused.js";

const STATUSES = ["good", "superseded", "withdrawn"];
const MAX_BITS = 32;
const PUBLISHED = 32; // hexadecimal digits: the first half of a hash; the other half stays with who has the file

/** @typedef {"good" | "superseded" | "withdrawn"} Status */

/** The name of a bucket: the first `bits` bits of a hash as a number in hexadecimal. @param {string} hash @param {number} bits */
export function prefixOf(hash, bits) {
  const first = BigInt(`0x${hash}`) >> BigInt(256 - bits);
  return first.toString(16).padStart(Math.ceil(bits / 4), "0");
}

/** Into how many buckets the hashes are divided now. @param {unknown} answer */
export function bitsOf(answer) {
  const { bits } = members(answer);
  require(typeof bits === "number" && Number.isInteger(bits), "status_answer");
  require(bits >= 0 && bits <= MAX_BITS, "status_answer");
  return bits;
}

/**
 * The status of a hash in its bucket; null where it is not there.
 * @param {unknown} answer
 * @param {string} hash
 * @param {number} bits
 * @returns {Status | null}
 */
export function found(answer, hash, bits) {
  const { prefix, entries } = members(answer);
  require(bitsOf(answer) === bits && prefix === prefixOf(hash, bits), "status_answer");
  require(Array.isArray(entries), "status_answer");
  const from = Math.floor(bits / 4);
  const form = new RegExp(`^[0-9a-f]{${PUBLISHED - from}}$`);
  const mine = new Set();
  for (const entry of entries) {
    require(Array.isArray(entry) && entry.length === 2, "status_answer");
    const [rest, status] = entry;
    require(typeof rest === "string" && form.test(rest) && STATUSES.includes(status), "status_answer");
    if (rest === hash.slice(from, PUBLISHED)) mine.add(status);
  }
  require(mine.size <= 1, "status_answer");
  return mine.values().next().value ?? null;
}

/** The members of an answer. @param {unknown} value @returns {Record<string, unknown>} */
export function members(value) {
  require(typeof value === "object" && value !== null && !Array.isArray(value), "status_answer");
  return /** @type {Record<string, unknown>} */ (value);
}
