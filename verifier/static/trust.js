// The published trust list (docs/trust-list.md): which keys are ours, for what, and for which moments.
import { base64, base64url, same, text, utf8 } from "./bytes.js";
import { Refused, require } from "./refused.js";
import { certificate, isSignedBy, onlyPurpose, pathOf } from "./x509.js";

const ENVELOPE = /^\{"payload":"([\w-]+)","protected":"([\w-]+)","signature":"([\w-]+)"\}$/;
const HEADER = ["alg", "kid", "typ", "x5c"];
const LIST = ["expiresAt", "format", "issuedAt", "issuer", "keys", "roots", "serial", "version"];
const MEMBERS = new Map([[1, LIST], [2, [...LIST, "timestampAuthorities"]]]);
const AUTHORITY = ["certificates", "name", "policy", "since"];
const NAME = /^[a-z0-9][a-z0-9-]{2,59}$/, POLICY = /^[0-2](\.(0|[1-9][0-9]{0,38})){1,30}$/;
const KEY = ["algorithm", "certificates", "kid", "purpose", "since", "state"];
const KEY_MAY = ["until", "compromisedSince"];
const STATES = ["announced", "active", "retired", "compromised"];
const ALGORITHMS = ["ES256", "ES384", "RS256"];
const TRUST_LIST_SIGNING = "2.25.327802160615786632437503575992372896631";
const MAX_SIZE = 1_000_000;
export const CLOCK_SKEW = 5 * 60_000;

/**
 * @typedef {object} KeyEntry One published key.
 * @property {string} kid
 * @property {string} purpose
 * @property {string} algorithm
 * @property {string} state
 * @property {number} since milliseconds
 * @property {number | null} until
 * @property {number | null} compromisedSince
 * @property {Uint8Array[]} certificates own first
 *
 * @typedef {object} TrustList
 * @property {string} issuer
 * @property {number} serial
 * @property {number} issuedAt
 * @property {number} expiresAt
 * @property {Uint8Array[]} roots
 * @property {KeyEntry[]} keys
 */

/**
 * Parse a published list and prove that our trust key signed it.
 *
 * An expired list is returned like any other: good for looking, not for a verdict.
 * @param {Uint8Array} bytes
 * @param {number} now milliseconds
 * @param {{root?: Uint8Array, purposes?: string[]}} [asked] the root that you
 *   hold, and whose paths to prove (all of them by default)
 * @returns {Promise<TrustList>}
 */
export async function readTrustList(bytes, now, asked = {}) {
  require(bytes.length <= MAX_SIZE, "list_too_large");
  const parts = ENVELOPE.exec(text(bytes));
  if (parts === null) throw new Refused("list_form");
  const [, payload = "", header = "", signature = ""] = parts;
  const { kid, chain } = signer(json(base64url(header)));
  const list = listOf(json(base64url(payload))); // not trusted until the signature holds
  const pinned = asked.root;
  require(pinned === undefined || list.roots.some((root) => same(root, pinned)), "list_root");
  const path = await pathOf(chain, pinned ? [pinned] : list.roots, list.issuedAt);
  const own = /** @type {import("./x509.js").Certificate} */ (path[0]);
  require(onlyPurpose(own) === TRUST_LIST_SIGNING, "list_purpose");
  const covered = utf8(`${header}.${payload}`);
  require(await isSignedBy(own, "ES256", base64url(signature), covered, { raw: true }), "list_signature");
  requireSigner(list, kid, own.encoded);
  require(list.issuedAt <= now + CLOCK_SKEW, "list_from_the_future");
  await requirePaths(list, asked.purposes);
  return list;
}

/** Whether what a key signed at that moment is ours. @param {KeyEntry} entry @param {number} at */
export function trusts(entry, at) {
  const own = certificate(/** @type {Uint8Array} */ (entry.certificates[0]));
  return own.from <= at && at <= own.to && couldSign(entry, at);
}

/** @param {KeyEntry} entry @param {number} at */
function couldSign(entry, at) {
  const ends = [entry.until, entry.compromisedSince];
  const ended = ends.some((end) => end !== null && at >= end);
  return entry.state !== "announced" && at >= entry.since && !ended;
}

/** The list must itself name its signer, in a state in which it may sign. @param {TrustList} list @param {string} kid @param {Uint8Array} own */
function requireSigner(list, kid, own) {
  const entry = list.keys.find((key) => key.kid === kid);
  require(entry !== undefined && entry.purpose === "trust", "list_signer");
  require(same(/** @type {Uint8Array} */ (entry.certificates[0]), own), "list_signer");
  require(couldSign(entry, list.issuedAt), "list_signer");
}

/** Every key leads to a root of the list, as of the start of its certificate. @param {TrustList} list @param {string[]} [purposes] */
async function requirePaths(list, purposes) {
  for (const entry of list.keys) {
    if (purposes && !purposes.includes(entry.purpose)) continue;
    const start = Math.max(...entry.certificates.map((one) => certificate(one).from));
    await pathOf(entry.certificates, list.roots, start);
  }
}

/** @param {Record<string, unknown>} header */
function signer(header) {
  requireMembers(header, HEADER, []);
  require(header.alg === "ES256" && header.typ === "echt-trust+jws", "list_header");
  return { kid: string(header.kid), chain: certificates(header.x5c) };
}

/** @param {Record<string, unknown>} payload @returns {TrustList} */
function listOf(payload) {
  const members = MEMBERS.get(Number(payload.version));
  if (payload.format !== "echt-trust" || members === undefined) throw new Refused("list_version");
  requireMembers(payload, members, []);
  requireAuthorities(array(payload.timestampAuthorities ?? []).map(object));
  const keys = array(payload.keys).map((one) => entryOf(object(one)));
  const roots = certificates(payload.roots);
  require(roots.length > 0 && new Set(keys.map((key) => key.kid)).size === keys.length, "list_keys");
  const serial = payload.serial;
  require(typeof serial === "number" && Number.isSafeInteger(serial) && serial >= 0, "list_serial");
  return {
    issuer: string(payload.issuer),
    serial,
    issuedAt: moment(payload.issuedAt),
    expiresAt: moment(payload.expiresAt),
    roots,
    keys,
  };
}

/**
 * Authorities of others stamp PDFs; their paths are theirs, and nothing here is judged by them.
 * @param {Record<string, unknown>[]} listed
 */
function requireAuthorities(listed) {
  for (const one of listed) {
    requireMembers(one, AUTHORITY, KEY_MAY);
    require(NAME.test(string(one.name)) && POLICY.test(string(one.policy)), "list_authority");
    require(certificates(one.certificates).length > 0, "list_authority");
    for (const time of ["since", ...KEY_MAY]) if (one[time] !== undefined) moment(one[time]);
  }
  require(new Set(listed.map((one) => one.name)).size === listed.length, "list_authority");
}

/** @param {Record<string, unknown>} member @returns {KeyEntry} */
function entryOf(member) {
  requireMembers(member, KEY, KEY_MAY);
  const entry = {
    kid: string(member.kid),
    purpose: string(member.purpose),
    algorithm: string(member.algorithm),
    state: string(member.state),
    since: moment(member.since),
    until: member.until === undefined ? null : moment(member.until),
    compromisedSince: member.compromisedSince === undefined ? null : moment(member.compromisedSince),
    certificates: certificates(member.certificates),
  };
  require(STATES.includes(entry.state) && ALGORITHMS.includes(entry.algorithm), "list_key");
  require(entry.certificates.length > 0, "list_key");
  require((entry.state === "compromised") === (entry.compromisedSince !== null), "list_key");
  require(entry.state !== "retired" || entry.until !== null, "list_key");
  return entry;
}

/**
 * One JSON object in the one spelling in which our lists are written: members in order, no white
 * space, nothing twice. Another spelling of the same content is refused.
 * @param {Uint8Array} bytes
 */
function json(bytes) {
  const written = text(bytes);
  let value;
  try {
    value = JSON.parse(written);
  } catch {
    throw new Refused("list_json");
  }
  require(canonical(value) === written, "list_json");
  return object(value);
}

/** @param {unknown} value @returns {string} */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return ascii(JSON.stringify(value));
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([name, one]) => `${ascii(JSON.stringify(name))}:${canonical(one)}`).join(",")}}`;
}

/** @param {string} written */
function ascii(written) {
  return written.replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** @param {Record<string, unknown>} value @param {string[]} must @param {string[]} may */
function requireMembers(value, must, may) {
  const names = Object.keys(value);
  require(must.every((name) => names.includes(name)), "list_members");
  require(names.every((name) => must.includes(name) || may.includes(name)), "list_members");
}

/** @param {unknown} value @returns {Record<string, unknown>} */
function object(value) {
  require(typeof value === "object" && value !== null && !Array.isArray(value), "list_json");
  return /** @type {Record<string, unknown>} */ (value);
}

/** @param {unknown} value @returns {unknown[]} */
function array(value) {
  require(Array.isArray(value), "list_json");
  return value;
}

/** @param {unknown} value */
function string(value) {
  require(typeof value === "string", "list_json");
  return value;
}

/** @param {unknown} value */
function certificates(value) {
  return array(value).map((one) => base64(string(one)));
}

/** `YYYY-MM-DDThh:mm:ssZ` in milliseconds (RFC 3339, UTC, whole seconds). @param {unknown} value */
export function moment(value) {
  const written = string(value);
  require(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(written), "list_time");
  const time = Date.parse(written);
  require(!Number.isNaN(time) && new Date(time).toISOString() === written.replace("Z", ".000Z"), "list_time");
  return time;
}
