// CBOR in its deterministic encoding (RFC 8949 4.2.1), and only the kinds that our facts use.
import { hex, text } from "./bytes.js";
import { require } from "./refused.js";

const MAX_DEPTH = 8;
const UNSIGNED = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6;

/**
 * @typedef {number|string|Uint8Array|CborValue[]|Map<number|string, CborValue>|Tagged} CborValue
 */

/** A value under a tag (RFC 8949 3.4). */
export class Tagged {
  /** @param {number} tag @param {CborValue} value */
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

/**
 * The one value that these bytes are, to the last byte.
 * @param {Uint8Array} bytes
 * @returns {CborValue}
 */
export function cbor(bytes) {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  require(reader.at === bytes.length, "cbor_trailing");
  return value;
}

class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** @param {number} depth @returns {CborValue} */
  value(depth) {
    require(depth <= MAX_DEPTH, "cbor_depth");
    const { major, argument } = this.head();
    switch (major) {
      case UNSIGNED: return argument;
      case NEGATIVE: return -1 - argument;
      case BYTES: return this.take(argument);
      case TEXT: return text(this.take(argument));
      case ARRAY: return this.array(argument, depth);
      case MAP: return this.map(argument, depth);
      case TAG: return new Tagged(argument, this.value(depth + 1));
      default: require(false, "cbor_kind"); return 0;
    }
  }

  /** Major type and argument, the argument in its shortest form. */
  head() {
    const first = this.take(1)[0] ?? 0;
    const info = first & 0x1f;
    require(info < 28, "cbor_length");
    if (info < 24) return { major: first >> 5, argument: info };
    const argument = this.take(1 << (info - 24)).reduce((sum, byte) => sum * 256 + byte, 0);
    const least = [24, 0x100, 0x10000, 0x100000000][info - 24] ?? 0;
    require(argument >= least && Number.isSafeInteger(argument), "cbor_not_shortest");
    return { major: first >> 5, argument };
  }

  /** @param {number} length */
  take(length) {
    require(this.at + length <= this.bytes.length, "cbor_cut_off");
    this.at += length;
    return this.bytes.slice(this.at - length, this.at);
  }

  /** @param {number} length @param {number} depth */
  array(length, depth) {
    require(length <= this.bytes.length, "cbor_cut_off");
    return Array.from({ length }, () => this.value(depth + 1));
  }

  /** @param {number} length @param {number} depth */
  map(length, depth) {
    require(length <= this.bytes.length, "cbor_cut_off");
    /** @type {Map<number|string, CborValue>} */
    const found = new Map();
    let before = "";
    for (let n = 0; n < length; n++) {
      const start = this.at;
      const key = this.value(depth + 1);
      require(typeof key === "number" || typeof key === "string", "cbor_key");
      const encoded = hex(this.bytes.subarray(start, this.at));
      require(encoded > before, "cbor_key_order"); // bytewise, which is also "no key twice"
      before = encoded;
      found.set(key, this.value(depth + 1));
    }
    return found;
  }
}

/** Head of a byte or text string of this length. @param {number} major @param {number} length */
function head(major, length) {
  const kind = major << 5;
  if (length < 24) return [kind | length];
  if (length < 0x100) return [kind | 24, length];
  require(length < 0x10000, "cbor_length");
  return [kind | 25, length >> 8, length & 0xff];
}

/** A byte string, encoded. @param {Uint8Array} bytes */
export function encodedBytes(bytes) {
  return Uint8Array.from([...head(BYTES, bytes.length), ...bytes]);
}
