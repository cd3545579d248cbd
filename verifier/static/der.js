// DER, read strictly (X.690 8.1 and 10.1): one encoding per value, or none.
import { Refused, require } from "./refused.js";

const CONSTRUCTED = 0x20, MULTIPLE = 0x1f, LONG = 0x80;
const MAX_LENGTH_OCTETS = 3, MAX_DEPTH = 40;
export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OID = 0x06;
export const UTC_TIME = 0x17;
export const GENERALIZED_TIME = 0x18;
export const SEQUENCE = 0x30;
export const SET = 0x31;

/** One value: its tag, its contents, and all of it as it is encoded. */
export class Node {
  /** @param {Uint8Array} bytes @param {number} start @param {number} inner @param {number} end */
  constructor(bytes, start, inner, end) {
    this.tag = bytes[start] ?? 0;
    this.encoded = bytes.subarray(start, end);
    this.content = bytes.subarray(inner, end);
  }

  /** The values inside; a wrong tag is refused when one is named. @param {number} [tag] */
  children(tag) {
    require(tag === undefined || this.tag === tag, "der_tag");
    require((this.tag & CONSTRUCTED) !== 0, "der_tag");
    const found = [];
    for (let at = 0; at < this.content.length; ) {
      const node = nodeAt(this.content, at);
      found.push(node);
      at += node.encoded.length;
    }
    return found;
  }

  /** Contents of a value of exactly this tag. @param {number} tag */
  as(tag) {
    require(this.tag === tag, "der_tag");
    return this.content;
  }

  /** The first and only child. @param {number} [tag] */
  only(tag) {
    const inside = this.children(tag);
    require(inside.length === 1, "der_shape");
    return /** @type {Node} */ (inside[0]);
  }
}

/** The value that begins here. @param {Uint8Array} bytes @param {number} at */
export function nodeAt(bytes, at) {
  const tag = bytes[at] ?? 0;
  // Tag 0 is the end mark of indefinite lengths: in DER it is padding in disguise.
  require(at + 2 <= bytes.length && tag !== 0 && (tag & MULTIPLE) !== MULTIPLE, "der_tag");
  let length = bytes[at + 1] ?? 0;
  let inner = at + 2;
  if (length >= LONG) {
    const octets = length - LONG;
    require(octets >= 1 && octets <= MAX_LENGTH_OCTETS, "der_length");
    length = bytes.subarray(inner, inner + octets).reduce((sum, byte) => sum * 256 + byte, 0);
    require(length >= Math.max(LONG, 2 ** (8 * (octets - 1))), "der_length");
    inner += octets;
  }
  require(inner + length <= bytes.length, "der_length");
  return new Node(bytes, at, inner, inner + length);
}

/** The one value that these bytes are, to the last byte, all of it in DER. @param {Uint8Array} bytes */
export function der(bytes) {
  const node = nodeAt(bytes, 0);
  require(node.encoded.length === bytes.length, "der_trailing");
  requireCanonical(node, 0);
  return node;
}

/** @param {Node} node @param {number} depth */
function requireCanonical(node, depth) {
  require(depth <= MAX_DEPTH, "der_depth");
  if ((node.tag & CONSTRUCTED) === 0) return;
  for (const child of node.children()) requireCanonical(child, depth + 1);
}

/** An object identifier in dots; its arcs may be larger than a number can hold. @param {Node} node */
export function oid(node) {
  const content = node.as(OID);
  /** @type {bigint[]} */
  const arcs = [];
  let arc = 0n;
  let open = false;
  for (const byte of content) {
    require(open || byte !== 0x80, "der_oid");
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    open = (byte & 0x80) !== 0;
    if (open) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const first = arcs[0];
  require(!open && first !== undefined, "der_oid");
  const top = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [top, first - top * 40n, ...arcs.slice(1)].join(".");
}

/** Bits of a bit string in whole bytes. @param {Node} node */
export function bits(node) {
  const content = node.as(BIT_STRING);
  require(content[0] === 0, "der_bits");
  return content.subarray(1);
}

/** A small whole number. @param {Node} node */
export function small(node) {
  const content = integer(node);
  require(content.length <= 4 && (content[0] ?? 0) < 0x80, "der_integer");
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** Contents of an integer in its shortest form. @param {Node} node */
export function integer(node) {
  const content = node.as(INTEGER);
  const [first = 0, second = 0] = content;
  require(content.length > 0, "der_integer");
  const padded = content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  require(!padded, "der_integer");
  return content;
}

/** A moment, in milliseconds; UTC and whole seconds only (RFC 5280 4.1.2.5). @param {Node} node */
export function moment(node) {
  require(node.content.length <= 15, "der_time");
  const written = String.fromCharCode(...node.content);
  const parts = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(written);
  if (parts === null) throw new Refused("der_time");
  const short = parts[1]?.length === 2;
  require(node.tag === (short ? UTC_TIME : GENERALIZED_TIME), "der_time");
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  const full = short ? year + (year < 50 ? 2000 : 1900) : year;
  const time = Date.UTC(full, month - 1, day, hour, minute, second);
  const again = new Date(time).toISOString().replace(/[-:T]/g, "").slice(0, 14);
  require(again === (short ? String(full) + written.slice(2, 12) : written.slice(0, 14)), "der_time");
  return time;
}

/**
 * r and s side by side, as WebCrypto wants them, out of the DER of RFC 3279 2.2.3.
 * @param {Uint8Array} signature
 * @param {number} octets of each
 */
export function rawSignature(signature, octets) {
  const numbers = der(signature).children(SEQUENCE);
  require(numbers.length === 2, "der_shape");
  const raw = new Uint8Array(2 * octets);
  numbers.forEach((node, place) => {
    const content = integer(node);
    require((content[0] ?? 0) < 0x80, "der_integer");
    const value = content[0] === 0 ? content.subarray(1) : content;
    require(value.length <= octets, "der_integer");
    raw.set(value, (place + 1) * octets - value.length);
  });
  return raw;
}
