// The signature container of a seal or time-stamp (RFC 5652, RFC 3161), in the one form that ours have.
import { digest, same } from "./bytes.js";
import * as der from "./der.js";
import { Refused, require } from "./refused.js";
import { CLOCK_SKEW, trusts } from "./trust.js";
import { certificate, isSignedBy } from "./x509.js";

const SIGNED_DATA = "1.2.840.113549.1.7.2", DATA = "1.2.840.113549.1.7.1", TST_INFO = "1.2.840.113549.1.9.16.1.4";
const CONTENT_TYPE = "1.2.840.113549.1.9.3", MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47", TIME_STAMP = "1.2.840.113549.1.9.16.2.14";
const SHA256 = "2.16.840.1.101.3.4.2.1", SHA384 = "2.16.840.1.101.3.4.2.2", SHA512 = "2.16.840.1.101.3.4.2.3";
const HASHES = new Map([[SHA256, "SHA-256"], [SHA384, "SHA-384"], [SHA512, "SHA-512"]]);
const RSA = "1.2.840.113549.1.1.1";
/** What an algorithm of the trust list pins: the hash, the signature's names, whether NULL must follow. */
const PINNED = new Map([
  ["ES256", { hash: SHA256, names: ["1.2.840.10045.4.3.2"], withNull: false }],
  ["ES384", { hash: SHA384, names: ["1.2.840.10045.4.3.3"], withNull: false }],
  ["RS256", { hash: SHA256, names: ["1.2.840.113549.1.1.11", RSA], withNull: true }],
]);
const CONTENT = 0xa0, CERTIFICATES = 0xa0, SIGNED = 0xa0, UNSIGNED = 0xa1;

/** @typedef {import("./trust.js").TrustList} TrustList */
/** @typedef {import("./trust.js").KeyEntry} KeyEntry */
/** @typedef {Map<string, import("./der.js").Node>} Attributes */

/**
 * @typedef {object} Container
 * @property {Uint8Array} encoded
 * @property {number} version of the container
 * @property {Uint8Array[]} digestAlgorithms encoded
 * @property {string} contentType
 * @property {Uint8Array | null} content
 * @property {Uint8Array[]} certificates encoded
 * @property {number} signerVersion
 * @property {Uint8Array} signer its certificate
 * @property {import("./der.js").Node} hash algorithm
 * @property {Uint8Array} covered the signed attributes as they were signed
 * @property {Attributes} signed
 * @property {import("./der.js").Node} algorithm
 * @property {Uint8Array} signature
 * @property {Attributes | null} unsigned
 */

/** Read a container out of a Contents string: one value, then zeros only. @param {Uint8Array} bytes @returns {Container} */
export function container(bytes) {
  const outer = der.nodeAt(bytes, 0);
  require(bytes.subarray(outer.encoded.length).every((byte) => byte === 0), "contents_padding");
  const [kind, holder] = exactly(outer.children(der.SEQUENCE), 2);
  require(der.oid(kind) === SIGNED_DATA && holder.tag === CONTENT, "container_shape");
  const parts = holder.only().children(der.SEQUENCE);
  const [version, hashes, inner, held, signers] = exactly(parts, 5); // and so no revocation lists
  require(held.tag === CERTIFICATES, "container_shape");
  const [type, content] = inner.children(der.SEQUENCE);
  require(type !== undefined, "container_shape");
  const certificates = held.children().map((one) => one.encoded);
  return {
    encoded: outer.encoded,
    version: der.small(version),
    digestAlgorithms: hashes.children(der.SET).map((one) => one.encoded),
    contentType: der.oid(type),
    content: content === undefined ? null : content.only(CONTENT).as(der.OCTET_STRING),
    certificates,
    ...signer(signers.only(der.SET), certificates),
  };
}

/** @param {import("./der.js").Node} node @param {Uint8Array[]} certificates */
function signer(node, certificates) {
  const [version, named, hash, signed, algorithm, signature, unsigned, ...more] = node.children(der.SEQUENCE);
  require(version && named && hash && signed && algorithm && signature, "container_shape");
  require(more.length === 0 && signed.tag === SIGNED, "container_shape");
  require(unsigned === undefined || unsigned.tag === UNSIGNED, "container_shape");
  const [issuer, serial] = exactly(named.children(der.SEQUENCE), 2);
  const own = certificates.find((one) => isNamed(one, issuer.encoded, serial.encoded));
  if (own === undefined) throw new Refused("no_signer_certificate");
  const covered = Uint8Array.from(signed.encoded);
  covered[0] = der.SET; // RFC 5652 5.4
  return {
    signerVersion: der.small(version),
    signer: own,
    hash,
    covered,
    signed: attributes(signed),
    algorithm,
    signature: signature.as(der.OCTET_STRING),
    unsigned: unsigned === undefined ? null : attributes(unsigned),
  };
}

/** Whether a certificate has exactly this issuer and serial number. @param {Uint8Array} encoded @param {Uint8Array} issuer @param {Uint8Array} serial */
function isNamed(encoded, issuer, serial) {
  const [signedPart] = der.nodeAt(encoded, 0).children(der.SEQUENCE);
  const [, number, , name] = signedPart?.children(der.SEQUENCE) ?? [];
  return number !== undefined && name !== undefined && same(number.encoded, serial) && same(name.encoded, issuer);
}

/** Attributes by name, each once and with one value. @param {import("./der.js").Node} node @returns {Attributes} */
function attributes(node) {
  const found = new Map();
  for (const one of node.children()) {
    const [name, values] = exactly(one.children(der.SEQUENCE), 2);
    const key = der.oid(name);
    require(!found.has(key), "container_shape");
    found.set(key, values.only(der.SET));
  }
  return found;
}

/** The list's entry for exactly the signer's certificate; names play no part. @param {Container} one @param {TrustList} list */
export function entryFor(one, list) {
  return list.keys.find((key) => same(/** @type {Uint8Array} */ (key.certificates[0]), one.signer)) ?? null;
}

/** Whether a key signed the attributes. @param {Container} one @param {Uint8Array} own certificate @param {string} algorithm */
export async function isSignedWith(one, own, algorithm) {
  try {
    return await isSignedBy(certificate(own), algorithm, one.signature, one.covered);
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

/** Whether a container says when something was, not who sealed it (RFC 3161). @param {Container} one */
export function isTimeStamp(one) {
  return one.contentType === TST_INFO;
}

/** The signature algorithm that a container claims. @param {Container} one */
export function claimed(one) {
  return der.oid(/** @type {import("./der.js").Node} */ (one.algorithm.children(der.SEQUENCE)[0]));
}

/** Whether the signed digest is that of these bytes, by the container's own hash. @param {Container} one @param {Uint8Array} content */
export async function isAbout(one, content) {
  const name = HASHES.get(algorithmName(one.hash));
  if (name === undefined) return false;
  return same(await digest(content, name), value(one.signed, MESSAGE_DIGEST).as(der.OCTET_STRING));
}

/**
 * Hold everything that the signature does not cover to the one form that we write.
 * @param {Container} one
 * @param {KeyEntry} entry
 */
export async function requireCanonical(one, entry) {
  der.der(one.encoded);
  const pinned = PINNED.get(entry.algorithm);
  require(pinned !== undefined && algorithmName(one.hash) === pinned.hash, "algorithm_not_pinned");
  require(pinned.names.includes(claimed(one)), "algorithm_not_pinned");
  const [, parameters] = one.algorithm.children(der.SEQUENCE);
  require((parameters !== undefined) === pinned.withNull, "algorithm_not_pinned");
  require(one.digestAlgorithms.length === 1, "algorithm_not_pinned");
  require(same(one.digestAlgorithms[0] ?? one.encoded, one.hash.encoded), "algorithm_not_pinned");
  const isStamp = isTimeStamp(one);
  require(isStamp || one.contentType === DATA, "container_shape");
  require(one.version === (isStamp ? 3 : 1) && one.signerVersion === 1, "container_shape");
  require((one.content !== null) === isStamp, "container_shape");
  require(der.oid(value(one.signed, CONTENT_TYPE)) === one.contentType, "container_shape");
  const known = one.certificates.every((held) => entry.certificates.some((ours) => same(ours, held)));
  require(known && one.certificates.length <= entry.certificates.length, "unknown_certificate");
  await requireBound(one);
}

/** The signed attributes name the certificate that they were made under (RFC 5035). @param {Container} one */
async function requireBound(one) {
  const [list] = value(one.signed, SIGNING_CERTIFICATE).children(der.SEQUENCE);
  const [first] = list?.children(der.SEQUENCE) ?? [];
  const parts = first?.children(der.SEQUENCE) ?? [];
  const isDefault = parts[0]?.tag === der.OCTET_STRING;
  const name = isDefault ? "SHA-256" : HASHES.get(algorithmName(/** @type {import("./der.js").Node} */ (parts[0])));
  const stated = parts[isDefault ? 0 : 1];
  require(name !== undefined && stated !== undefined, "certificate_not_bound");
  require(same(await digest(one.signer, name), stated.as(der.OCTET_STRING)), "certificate_not_bound");
}

/**
 * The time in a seal's own time-stamp; null for a seal without one (B-B).
 * @param {Container} seal
 * @param {TrustList} list
 * @param {number} knownBy when the seal provably existed
 */
export async function sealedAt(seal, list, knownBy) {
  if (seal.unsigned === null) return null;
  require(seal.unsigned.size === 1, "container_shape");
  return stampedAt(value(seal.unsigned, TIME_STAMP).encoded, await digest(seal.signature), list, knownBy);
}

/**
 * The time at which a time-stamp key of ours saw this SHA-256 (RFC 3161 2.4.2).
 * @param {Uint8Array} token
 * @param {Uint8Array} imprint
 * @param {TrustList} list
 * @param {number} knownBy when the token itself provably existed
 */
export async function stampedAt(token, imprint, list, knownBy) {
  const stamp = container(token);
  const entry = entryFor(stamp, list);
  require(entry !== null && entry.purpose === "tsa", "time_stamp_not_ours");
  await requireCanonical(stamp, entry);
  require(stamp.unsigned === null && stamp.content !== null, "container_shape");
  require(await isAbout(stamp, stamp.content), "time_stamp_broken");
  require(await isSignedWith(stamp, stamp.signer, entry.algorithm), "time_stamp_broken");
  const at = statedTime(stamp.content, imprint);
  require(at <= knownBy + CLOCK_SKEW, "time_stamp_from_the_future");
  const stolen = entry.compromisedSince !== null && knownBy >= entry.compromisedSince;
  require(trusts(entry, at) && !stolen, "time_stamp_key_not_trusted");
  return at;
}

/** @param {Uint8Array} content TSTInfo @param {Uint8Array} imprint */
function statedTime(content, imprint) {
  const [version, , about, , time] = der.der(content).children(der.SEQUENCE);
  require(version && about && time && der.small(version) === 1, "time_stamp_broken");
  const [hash, stated] = exactly(about.children(der.SEQUENCE), 2);
  require(algorithmName(hash) === SHA256, "time_stamp_broken");
  require(same(stated.as(der.OCTET_STRING), imprint), "time_stamp_of_something_else");
  return der.moment(time);
}

/** @param {import("./der.js").Node} algorithm */
function algorithmName(algorithm) {
  const [name, parameters, ...more] = algorithm.children(der.SEQUENCE);
  require(name !== undefined && more.length === 0, "container_shape");
  require(parameters === undefined || (parameters.tag === der.NULL && parameters.content.length === 0), "algorithm_not_pinned");
  return der.oid(name);
}

/** @param {Attributes} attributes @param {string} name */
function value(attributes, name) {
  const found = attributes.get(name);
  if (found === undefined) throw new Refused("container_shape");
  return found;
}

/** @param {import("./der.js").Node[]} nodes @param {number} count */
function exactly(nodes, count) {
  require(nodes.length === count, "container_shape");
  return /** @type {[import("./der.js").Node, import("./der.js").Node, import("./der.js").Node, import("./der.js").Node, import("./der.js").Node]} */ (nodes);
}
