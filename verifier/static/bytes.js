// Bytes to text and back, each in exactly one spelling.
import { require } from "./refused.js";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text of UTF-8 bytes; anything else is refused. @param {Uint8Array} bytes */
export function text(bytes) {
  try {
    return UTF8.decode(bytes);
  } catch {
    require(false, "not_utf8");
    return "";
  }
}

/** UTF-8 bytes of a text. @param {string} value */
export function utf8(value) {
  return new TextEncoder().encode(value);
}

/** Lower-case hexadecimal. @param {Uint8Array} bytes */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes of an even number of hexadecimal digits. @param {string} digits */
export function unhex(digits) {
  require(/^(?:[0-9a-fA-F]{2})*$/.test(digits), "not_hex");
  const pairs = digits.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}

/** Whether two runs of bytes are the same. @param {Uint8Array} one @param {Uint8Array} other */
export function same(one, other) {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** Several runs of bytes as one. @param {...Uint8Array} parts */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes of a text that has one letter for each. @param {string} value */
export function octets(value) {
  const bytes = new Uint8Array(value.length);
  for (let at = 0; at < value.length; at++) bytes[at] = value.charCodeAt(at);
  return bytes;
}

/** Base64 (RFC 4648 4) with padding and no spare bits. @param {string} value */
export function base64(value) {
  require(/^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0, "not_base64");
  const binary = atob(value);
  require(btoa(binary) === value, "not_base64");
  return octets(binary);
}

/** Base64url (RFC 4648 5) without padding and no spare bits. @param {string} value */
export function base64url(value) {
  require(/^[A-Za-z0-9_-]*$/.test(value), "not_base64");
  const padded = value.replaceAll("-", "+").replaceAll("_", "/");
  return base64(padded + "=".repeat((4 - (padded.length % 4)) % 4));
}

/** SHA-2 of some bytes. @param {Uint8Array} bytes @param {string} [name] */
export async function digest(bytes, name = "SHA-256") {
  return new Uint8Array(await crypto.subtle.digest(name, /** @type {BufferSource} */ (bytes)));
}
