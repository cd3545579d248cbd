// Every byte of a signed code and of a trust list, changed one at a time: prints how often each answer came.
//   node flips.mjs TRUST AT CODE
import { readFileSync } from "node:fs";
import { base32 } from "../../verifier/static/base32.js";
import { checkFacts, listOrReason } from "../../verifier/static/qr-check.js";

const [trust = "", at = "", code = ""] = process.argv.slice(2);
const now = Date.parse(at);
const bytes = new Uint8Array(readFileSync(trust));
const list = await listOrReason(bytes, now);
const facts = readFileSync(code, "utf8").split("#")[1] ?? "";

/** @param {Uint8Array} data */
function encoded(data) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = Array.from(data, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? []).map((five) => letters[parseInt(five.padEnd(5, "0"), 2)]).join("");
}

/** @param {Uint8Array} data @param {number} place @param {number} bit */
function flipped(data, place, bit) {
  const copy = Uint8Array.from(data);
  copy[place] ^= 1 << bit;
  return copy;
}

const told = { whole: (await checkFacts(facts, list, now)).code, code: {}, list: {} };
const count = (/** @type {Record<string, number>} */ where, /** @type {string} */ name) => { where[name] = (where[name] ?? 0) + 1; };
const signed = base32(facts);
for (let place = 0; place < signed.length; place++) {
  count(told.code, (await checkFacts(encoded(flipped(signed, place, place % 8)), list, now)).code);
}
for (let place = 0; place < bytes.length; place += 499) {
  const read = await listOrReason(flipped(bytes, place, place % 7), now, { purposes: [] });
  count(told.list, typeof read === "string" ? read : "read");
}
console.log(JSON.stringify({ ...told, bytes: signed.length }));
