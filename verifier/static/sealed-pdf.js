// A sealed PDF, judged by the trust list alone and without a line of the other implementation.
//
// Covered: the place of the seal and every byte around it, the seal itself (ES256, ES384, RS256), its
// time-stamp, and archive time-stamps with the updates that bring them. Not covered: what is inside a DSS (its
// streams are counted, not read), how updates are spelled, the facts inside the file, and looks (imitations).
import { digest, joined, octets, unhex } from "./bytes.js";
import * as cms from "./cms.js";
import { PdfFile } from "./pdf-file.js";
import { letters } from "./pdf-syntax.js";
import { requireArchival, requireSeal } from "./pdf-updates.js";
import { Refused } from "./refused.js";
import { trusts } from "./trust.js";
import { pathOf, certificate } from "./x509.js";

const MAX_BYTES = 10 * 1024 * 1024;
/** A signature in a file that is laid out otherwise; shorter ones hold no container. */
const LOOSE_CONTENTS = /\/Contents\s*<([0-9A-Fa-f]{400,})>/g;
const END = /startxref\s+\d+\s+%%EOF/;
const END_ROOM = 1024;

/** @typedef {import("./trust.js").TrustList} TrustList */
/** @typedef {import("./trust.js").KeyEntry} KeyEntry */
/** @typedef {import("./cms.js").Container} Container */
/**
 * @typedef {object} Answer
 * @property {"GENUINE_STATUS_UNKNOWN"|"ALTERED"|"NOT_OURS"|"NOT_ORIGINAL"|"CANNOT_CHECK"} code
 * @property {string} reason a stable key
 */

/**
 * The verdict on a PDF, offline.
 * @param {Uint8Array} bytes
 * @param {TrustList | string} list or the reason why there is none
 * @param {number} now milliseconds
 * @returns {Promise<Answer>}
 */
export async function checkPdf(bytes, list, now) {
  if (bytes.length > MAX_BYTES) return answer("CANNOT_CHECK", "too_large");
  const data = letters(bytes);
  if (!END.test(data.slice(-END_ROOM))) return answer("CANNOT_CHECK", "damaged"); // the end was lost on the way
  const { file, problem } = opened(data);
  if (/\/Encrypt\b/.test(data)) return answer("CANNOT_CHECK", "encrypted");
  const found = file === null ? loose(data) : placed(file);
  if (found.length === 0) return withoutSeal(data, file);
  if (typeof list === "string") return answer("CANNOT_CHECK", list);
  const containers = found.flatMap(readable);
  const ours = containers.find((one) => cms.entryFor(one, list) !== null);
  if (ours === undefined) return foreign(containers[0], list);
  return judged({ bytes, data, file, problem, list, now }, ours, /** @type {KeyEntry} */ (cms.entryFor(ours, list)));
}

/** @param {string} data */
function opened(data) {
  try {
    return { file: new PdfFile(data), problem: "" };
  } catch (error) {
    if (error instanceof Refused) return { file: null, problem: error.reason };
    throw error;
  }
}

/** @param {PdfFile} file */
function placed(file) {
  let places;
  try {
    places = file.signatures();
  } catch (error) {
    if (error instanceof Refused) return loose(file.data);
    throw error;
  }
  return places.filter((one) => !one.isStamp).map((one) => contentsOf(one));
}

/** @param {import("./pdf-file.js").Place} place */
function contentsOf(place) {
  const contents = /** @type {{value?: string} | null | undefined} */ (place.dictionary.get("Contents"));
  return octets(contents?.value ?? "");
}

/** Whatever looks like a seal in a file that is not laid out as ours; a time-stamp of the archive is none. @param {string} data */
function loose(data) {
  const found = Array.from(data.matchAll(LOOSE_CONTENTS), ([, digits = ""]) => {
    return unhex(digits + "0".repeat(digits.length % 2)); // an odd last digit stands for itself and a zero (7.3.4.3)
  });
  return found.filter((contents) => !readable(contents).some(cms.isTimeStamp));
}

/** @param {string} data @param {PdfFile | null} file */
function withoutSeal(data, file) {
  if (file !== null) return answer("NOT_ORIGINAL", "no_seal");
  const hidden = /\/ByteRange|\/ObjStm/.test(data);
  return !hidden ? answer("NOT_ORIGINAL", "no_seal") : answer("CANNOT_CHECK", "damaged");
}

/** @param {Uint8Array} contents */
function readable(contents) {
  try {
    return [cms.container(contents)];
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
}

/** Somebody else's seal; one that is broken even by its own word proves nothing. @param {Container | undefined} one @param {TrustList} list */
async function foreign(one, list) {
  if (one === undefined) return answer("CANNOT_CHECK", "damaged");
  const keys = list.keys.filter((key) => key.purpose === "seal");
  for (const key of keys) {
    const own = /** @type {Uint8Array} */ (key.certificates[0]);
    if (await cms.isSignedWith(one, own, key.algorithm)) return answer("CANNOT_CHECK", "seal_damaged");
  }
  if (!(await cms.isSignedWith(one, one.signer, cms.claimed(one)))) return answer("CANNOT_CHECK", "seal_damaged");
  if (await isIssued(one.signer, list)) return answer("CANNOT_CHECK", "key_not_on_list_yet");
  return answer("NOT_OURS", "other_key");
}

/** Whether an authority of ours issued a certificate that the list does not know. @param {Uint8Array} own @param {TrustList} list */
async function isIssued(own, list) {
  for (const key of list.keys) {
    try {
      await pathOf([own, ...key.certificates.slice(1)], list.roots, certificate(own).from);
      return true;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  return false;
}

/**
 * @typedef {{bytes: Uint8Array, data: string, file: PdfFile | null, problem: string, list: TrustList, now: number}} Case
 */

/** Our key may have signed: what holds, and what does not. @param {Case} one @param {Container} seal @param {KeyEntry} entry */
async function judged(one, seal, entry) {
  if (entry.purpose !== "seal") return answer("NOT_OURS", "key_has_other_purpose");
  if (!(await cms.isSignedWith(seal, seal.signer, entry.algorithm))) return answer("CANNOT_CHECK", "seal_damaged");
  const shape = one.file === null ? one.problem : await reasonOf(() => requireShape(/** @type {PdfFile} */ (one.file)));
  const time = await sealedWhen(one, seal, entry, shape === "");
  if (typeof time === "number" && !trusts(entry, time)) return answer("NOT_OURS", "key_not_trusted_then");
  if (shape === "" && !statesRange(/** @type {PdfFile} */ (one.file))) return answer("CANNOT_CHECK", "damaged");
  const changed = shape || (await reasonOf(() => requireContent(one, seal)));
  if (changed) return answer("ALTERED", changed);
  if (typeof time === "string") return answer("CANNOT_CHECK", time);
  const damaged = await reasonOf(() => cms.requireCanonical(seal, entry));
  return damaged ? answer("CANNOT_CHECK", "seal_damaged") : answer("GENUINE_STATUS_UNKNOWN", "sealed_by_us");
}

/** Whether the seal says what it is about; without that nobody can tell what changed. @param {PdfFile} file */
function statesRange(file) {
  return Array.isArray(requireSeal(file).dictionary.get("ByteRange"));
}

/** @param {PdfFile} file */
function requireShape(file) {
  requireSeal(file);
  requireArchival(file);
}

/**
 * When the seal was made, or why nobody can tell.
 * @param {Case} one
 * @param {Container} seal
 * @param {KeyEntry} entry
 * @param {boolean} isShaped
 * @returns {Promise<number | string>}
 */
async function sealedWhen(one, seal, entry, isShaped) {
  try {
    const knownBy = isShaped ? await existedAt(one, /** @type {PdfFile} */ (one.file)) : one.now;
    const stamped = await cms.sealedAt(seal, one.list, knownBy);
    if (stamped !== null) return stamped;
    return trusts(entry, knownBy) ? knownBy : "no_time_stamp";
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
}

/** The earliest moment at which the sealed file existed, by its archive time-stamps. @param {Case} one @param {PdfFile} file */
async function existedAt(one, file) {
  let knownBy = one.now;
  for (const place of requireArchival(file).reverse()) {
    const { contents, content } = covered(one, file, place);
    knownBy = await cms.stampedAt(contents, await digest(content), one.list, knownBy);
  }
  return knownBy;
}

/** The seal is about exactly these bytes. @param {Case} one @param {Container} seal */
async function requireContent(one, seal) {
  const file = /** @type {PdfFile} */ (one.file);
  const { content } = covered(one, file, requireSeal(file));
  if (!(await cms.isAbout(seal, content))) throw new Refused("digest_differs");
}

/** @param {Case} one @param {PdfFile} file @param {import("./pdf-file.js").Place} place */
function covered(one, file, place) {
  const { contents, from, to, end } = file.covered(place);
  return { contents, content: joined(one.bytes.subarray(0, from), one.bytes.subarray(to, end)) };
}

/** Why something is refused; empty when it is not. @param {() => void | Promise<void>} work */
async function reasonOf(work) {
  try {
    await work();
    return "";
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
}

/** @param {Answer["code"]} code @param {string} reason @returns {Answer} */
function answer(code, reason) {
  return { code, reason };
}
