// The facts of a QR code: the numbered map of docs/qr-facts.md, every value of its own kind.
import { cbor } from "./cbor.js";
import { require } from "./refused.js";

const FORMAT = 1;
const MAX_TEXT = 1000;
const DATE = /^\d{4}(?:-\d\d(?:-\d\d)?)?$/;
/** @type {[number, string][]} */
const TEXTS = [
  [1, "number"], [2, "name"], [3, "birth"], [4, "programme"], [5, "programmeCode"], [6, "degree"],
  [7, "institution"], [8, "institutionCode"], [9, "awarded"], [10, "result"], [11, "nlqf"], [13, "language"],
];

/**
 * @typedef {object} Facts What a QR code states; what is absent is unknown.
 * @property {string} number
 * @property {number} issued milliseconds
 * @property {string} [name]
 * @property {string} [birth]
 * @property {string} [programme]
 * @property {string} [programmeCode]
 * @property {string} [degree]
 * @property {string} [institution]
 * @property {string} [institutionCode]
 * @property {string} [awarded]
 * @property {string} [result]
 * @property {string} [nlqf]
 * @property {number} [eqf]
 * @property {string} [language]
 */

/** Read a signed payload. @param {Uint8Array} payload @returns {Facts} */
export function claims(payload) {
  const map = cbor(payload);
  require(map instanceof Map && map.get(0) === FORMAT, "facts_format");
  /** @type {Record<string, string | number>} */
  const found = {};
  for (const [key, name] of TEXTS) {
    const value = map.get(key);
    if (value === undefined) continue;
    require(typeof value === "string" && value.length <= MAX_TEXT, "facts_kind");
    found[name] = value;
  }
  const [eqf, issued] = [map.get(12), map.get(14)];
  if (eqf !== undefined) found.eqf = whole(eqf);
  require("number" in found && issued !== undefined, "facts_missing");
  found.issued = whole(issued) * 1000;
  return /** @type {Facts} */ (/** @type {unknown} */ (found));
}

/** Whether a date is written as far as it is known. @param {string} value */
export function isDate(value) {
  return DATE.test(value);
}

/** @param {unknown} value */
function whole(value) {
  require(typeof value === "number" && value >= 0, "facts_kind");
  return value;
}
