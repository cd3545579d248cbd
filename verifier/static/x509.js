// Certificates of our own hierarchy (RFC 5280): only what deciding about our own keys needs.
import { hex, same } from "./bytes.js";
import * as der from "./der.js";
import { Refused, require } from "./refused.js";

const SIGNED_WITH = new Map([
  ["1.2.840.10045.4.3.2", { name: "ECDSA", hash: "SHA-256" }],
  ["1.2.840.10045.4.3.3", { name: "ECDSA", hash: "SHA-384" }],
  ["1.2.840.113549.1.1.11", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }],
]);
const CURVES = new Map([
  ["1.2.840.10045.3.1.7", { curve: "P-256", octets: 32 }],
  ["1.3.132.0.34", { curve: "P-384", octets: 48 }],
]);
const EC_KEY = "1.2.840.10045.2.1", RSA_KEY = "1.2.840.113549.1.1.1";
const KEY_USAGE = "2.5.29.15", BASIC_CONSTRAINTS = "2.5.29.19", EXTENDED_KEY_USAGE = "2.5.29.37";
const KEY_CERT_SIGN = 0x04;
const VERSION = 0xa0, EXTENSIONS = 0xa3;
const MAX_PATH = 4;

/**
 * @typedef {object} Certificate
 * @property {Uint8Array} encoded
 * @property {Uint8Array} signedPart
 * @property {string} serial in hexadecimal
 * @property {string} signedWith OID of the signature algorithm
 * @property {Uint8Array} signature
 * @property {Uint8Array} issuer encoded name
 * @property {Uint8Array} subject encoded name
 * @property {number} from milliseconds
 * @property {number} to milliseconds
 * @property {Uint8Array} keyInfo SubjectPublicKeyInfo
 * @property {Map<string, {critical: boolean, value: Uint8Array}>} extensions
 */

/** Parse one certificate, to the last byte. @param {Uint8Array} bytes @returns {Certificate} */
export function certificate(bytes) {
  const [signedPart, algorithm, signature] = expect(der.der(bytes).children(der.SEQUENCE), 3);
  const [version, serial, inner, issuer, validity, subject, keyInfo, ...rest] = expect(
    signedPart.children(der.SEQUENCE), 8);
  require(version.tag === VERSION && der.small(version.only()) === 2, "certificate_version");
  require(same(inner.encoded, algorithm.encoded), "certificate_algorithm");
  const [from, to] = expect(validity.children(der.SEQUENCE), 2);
  const number = der.integer(serial);
  require((number[0] ?? 0) < 0x80 && number.some((byte) => byte !== 0), "certificate_serial");
  return {
    encoded: bytes,
    signedPart: signedPart.encoded,
    serial: hex(number),
    signedWith: der.oid(first(algorithm)),
    signature: der.bits(signature),
    issuer: issuer.encoded,
    subject: subject.encoded,
    from: der.moment(from),
    to: der.moment(to),
    keyInfo: keyInfo.encoded,
    extensions: extensions(rest[rest.length - 1]),
  };
}

/** At least this many values, which is what a destructuring needs. @param {der.Node[]} nodes @param {number} count */
function expect(nodes, count) {
  require(nodes.length >= count, "certificate_shape");
  return /** @type {[der.Node, der.Node, der.Node, der.Node, der.Node, der.Node, der.Node, ...der.Node[]]} */ (nodes);
}

/** @param {der.Node} node */
function first(node) {
  const [child] = node.children(der.SEQUENCE);
  require(child !== undefined, "certificate_shape");
  return child;
}

/** @param {der.Node | undefined} holder */
function extensions(holder) {
  require(holder !== undefined && holder.tag === EXTENSIONS, "certificate_shape");
  /** @type {Map<string, {critical: boolean, value: Uint8Array}>} */
  const found = new Map();
  for (const node of holder.only().children(der.SEQUENCE)) {
    const parts = node.children(der.SEQUENCE);
    require(parts.length === 2 || parts.length === 3, "certificate_extension");
    const name = der.oid(/** @type {der.Node} */ (parts[0]));
    const critical = parts.length === 3 && (parts[1]?.as(der.BOOLEAN)[0] ?? 0) === 0xff;
    require(!found.has(name) && (parts.length === 2 || critical), "certificate_extension");
    found.set(name, { critical, value: /** @type {der.Node} */ (parts.at(-1)).as(der.OCTET_STRING) });
  }
  return found;
}

/** Whether this may issue certificates, and how many authorities may stand below it. @param {Certificate} one */
export function authority(one) {
  const basic = one.extensions.get(BASIC_CONSTRAINTS);
  const usage = one.extensions.get(KEY_USAGE);
  if (basic === undefined || usage === undefined) return null;
  const [isAuthority, length] = der.der(basic.value).children(der.SEQUENCE);
  if (isAuthority === undefined || isAuthority.as(der.BOOLEAN)[0] !== 0xff) return null;
  const bits = der.der(usage.value).as(der.BIT_STRING);
  if (((bits[1] ?? 0) & KEY_CERT_SIGN) === 0) return null;
  return { below: length === undefined ? MAX_PATH : der.small(length) };
}

/** The single critical extended key usage, or nothing where it is absent or wider. @param {Certificate} one */
export function onlyPurpose(one) {
  const found = one.extensions.get(EXTENDED_KEY_USAGE);
  if (found === undefined || !found.critical) return null;
  const usages = der.der(found.value).children(der.SEQUENCE);
  return usages.length === 1 ? der.oid(/** @type {der.Node} */ (usages[0])) : null;
}

/**
 * Whether a certificate's key signed these bytes.
 * @param {Certificate} signer
 * @param {string} algorithm OID, or the JOSE name that a trust list pins
 * @param {Uint8Array} signature ECDSA in DER (RFC 3279), or r and s side by side when `raw`
 * @param {Uint8Array} covered
 * @param {{raw?: boolean}} [form]
 */
export async function isSignedBy(signer, algorithm, signature, covered, form = {}) {
  const named = SIGNED_WITH.get(OIDS.get(algorithm) ?? algorithm);
  const { kind, curve } = keyKind(signer);
  if (named === undefined || (named.name === "ECDSA") !== (kind === EC_KEY)) return false;
  try {
    const parameters = curve ? { name: "ECDSA", namedCurve: curve.curve } : named;
    const key = await crypto.subtle.importKey("spki", buffer(signer.keyInfo), parameters, false, ["verify"]);
    const value = curve && !form.raw ? der.rawSignature(signature, curve.octets) : signature;
    return await crypto.subtle.verify(named, key, buffer(value), buffer(covered));
  } catch (error) {
    if (error instanceof Refused || error instanceof DOMException) return false;
    throw error;
  }
}

const OIDS = new Map([
  ["ES256", "1.2.840.10045.4.3.2"],
  ["ES384", "1.2.840.10045.4.3.3"],
  ["RS256", "1.2.840.113549.1.1.11"],
]);

/** @param {Certificate} one */
function keyKind(one) {
  const [algorithm] = der.der(one.keyInfo).children(der.SEQUENCE);
  const [kind, parameters] = algorithm?.children(der.SEQUENCE) ?? [];
  require(kind !== undefined, "certificate_key");
  const name = der.oid(kind);
  require(name === EC_KEY || name === RSA_KEY, "certificate_key");
  const curve = name === EC_KEY && parameters ? CURVES.get(der.oid(parameters)) : undefined;
  require(name === RSA_KEY || curve !== undefined, "certificate_key");
  return { kind: name, curve };
}

/** @param {Uint8Array} bytes */
function buffer(bytes) {
  return /** @type {BufferSource} */ (bytes);
}

/**
 * Prove that a chain (own certificate first) ends at one of the roots, all valid at one moment.
 *
 * Narrower than RFC 5280 6.1: every certificate is issued directly by the next one.
 * @param {Uint8Array[]} chain
 * @param {Uint8Array[]} roots
 * @param {number} at milliseconds
 * @returns {Promise<Certificate[]>}
 */
export async function pathOf(chain, roots, at) {
  require(chain.length >= 1 && chain.length <= MAX_PATH, "path_length");
  const path = chain.map(certificate);
  const top = /** @type {Certificate} */ (path.at(-1));
  if (!roots.some((root) => same(root, top.encoded))) {
    const root = roots.map(certificate).find((one) => same(one.subject, top.issuer));
    require(root !== undefined, "path_root");
    path.push(root);
  }
  require(path.every((one) => one.from <= at && at <= one.to), "path_time");
  for (let place = 0; place + 1 < path.length; place++) {
    const child = /** @type {Certificate} */ (path[place]);
    await requireIssued(child, /** @type {Certificate} */ (path[place + 1]), place);
  }
  require(path.length === 1 || authority(/** @type {Certificate} */ (path[0])) === null, "path_leaf");
  return path;
}

/** What was proven before: the same pairs of authorities stand in every path. @type {Map<string, Promise<boolean>>} */
const proven = new Map();

/** @param {Certificate} child @param {Certificate} issuer @param {number} below */
async function requireIssued(child, issuer, below) {
  require(same(child.issuer, issuer.subject), "path_name");
  const may = authority(issuer);
  require(may !== null && below <= may.below, "path_authority");
  const key = hex(child.encoded) + hex(issuer.keyInfo);
  if (!proven.has(key)) {
    proven.set(key, isSignedBy(issuer, child.signedWith, child.signature, child.signedPart));
  }
  require(await proven.get(key), "path_signature");
}
