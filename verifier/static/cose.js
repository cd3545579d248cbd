// COSE_Sign1 (RFC 9052 4.2) with ES256, in the one form that our QR codes have (docs/qr-facts.md).
import { joined, text, utf8 } from "./bytes.js";
import { cbor, encodedBytes, Tagged } from "./cbor.js";
import { require } from "./refused.js";

const COSE_SIGN1 = 18; // RFC 9052 table 1
const ALGORITHM = 1, KEY_ID = 4, ES256 = -7; // RFC 9052 3.1, RFC 9053 2.1
const SIGNATURE_OCTETS = 64;
const MAX_KID = 100;

/**
 * @typedef {object} Statement A signed object whose signature has not been checked yet.
 * @property {string} kid
 * @property {Uint8Array} payload
 * @property {Uint8Array} covered what the signature is over (RFC 9052 4.4)
 * @property {Uint8Array} signature r and s, 32 octets each
 */

/**
 * Take a statement apart; nothing in it is trusted yet.
 * @param {Uint8Array} bytes
 * @returns {Statement}
 */
export function openSign1(bytes) {
  const object = cbor(bytes);
  require(object instanceof Tagged && object.tag === COSE_SIGN1, "cose_shape");
  const parts = object.value;
  require(Array.isArray(parts) && parts.length === 4, "cose_shape");
  const [protectedPart, unprotected, payload, signature] = parts;
  require(unprotected instanceof Map && unprotected.size === 0, "cose_header");
  require(protectedPart instanceof Uint8Array && payload instanceof Uint8Array, "cose_shape");
  require(signature instanceof Uint8Array, "cose_shape");
  require(signature.length === SIGNATURE_OCTETS, "cose_signature");
  const kid = keyId(protectedPart);
  return { kid, payload, covered: toBeSigned(protectedPart, payload), signature };
}

/** The key id out of a header that says nothing but ES256 and the key. @param {Uint8Array} bytes */
function keyId(bytes) {
  const header = cbor(bytes);
  require(header instanceof Map && header.size === 2, "cose_header");
  require(header.get(ALGORITHM) === ES256, "cose_algorithm");
  const kid = header.get(KEY_ID);
  require(kid instanceof Uint8Array && kid.length <= MAX_KID, "cose_header");
  return text(kid);
}

/** Sig_structure of RFC 9052 4.4. @param {Uint8Array} header @param {Uint8Array} payload */
function toBeSigned(header, payload) {
  const context = utf8("Signature1");
  const start = Uint8Array.from([0x84, 0x60 | context.length]);
  return joined(start, context, encodedBytes(header), encodedBytes(new Uint8Array(0)), encodedBytes(payload));
}
