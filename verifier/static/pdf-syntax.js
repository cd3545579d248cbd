// PDF values, read strictly (ISO 32000-1 7.2 and 7.3): what our own files use, and nothing repaired.
import { Refused, require } from "./refused.js";

const MAX_DEPTH = 64;
const SPACE = /(?:[\0\t\n\f\r ]|%[^\r\n]*)*/y;
const NAME = /\/([^\0\t\n\f\r ()<>[\]{}/%]*)/y;
const HEX = /<([0-9A-Fa-f\0\t\n\f\r ]*)>/y;
const REFERENCE = /(\d{1,10}) (\d{1,5}) R(?![A-Za-z0-9])/y;
const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)/y;
const WORD = /(true|false|null)/y;

/** @typedef {null|boolean|number|Real|Name|Ref|Str|Value[]|Dictionary} Value */
/** @typedef {Map<string, Value>} Dictionary */

/** A name, without its slash. */
export class Name {
  /** @param {string} name */
  constructor(name) {
    this.name = name;
  }
}

/** A number with a point, as it is written. */
class Real {
  /** @param {string} written */
  constructor(written) {
    this.written = written;
  }
}

/** A reference to an object; generation 0 only. */
export class Ref {
  /** @param {number} number */
  constructor(number) {
    this.number = number;
  }
}

/** A string, one letter per byte, and where it stands. */
export class Str {
  /** @param {string} value @param {number} start @param {number} end @param {boolean} isHex */
  constructor(value, start, end, isHex) {
    this.value = value;
    this.start = start;
    this.end = end;
    this.isHex = isHex;
  }
}

/** A file as text, one letter per byte, so that places in it are places in the file. @param {Uint8Array} bytes */
export function letters(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  }
  return parts.join("");
}

/**
 * Match exactly here, or not at all.
 * @param {RegExp} pattern sticky
 * @param {string} data
 * @param {number} at
 */
export function match(pattern, data, at) {
  pattern.lastIndex = at;
  return pattern.exec(data);
}

/** The next place that is neither white space nor comment. @param {string} data @param {number} at */
export function skipSpace(data, at) {
  return at + (match(SPACE, data, at)?.[0].length ?? 0);
}

/**
 * The value at or after a place, and where it ends.
 * @param {string} data
 * @param {number} from
 * @param {number} [depth]
 * @returns {[Value, number]}
 */
export function valueAt(data, from, depth = 0) {
  require(depth <= MAX_DEPTH, "nesting_too_deep");
  const at = skipSpace(data, from);
  if (data.startsWith("<<", at)) return dictionary(data, at + 2, depth);
  switch (data[at]) {
    case "[": return array(data, at + 1, depth);
    case "/": return name(data, at);
    case "(": return literal(data, at);
    case "<": return hexadecimal(data, at);
    default: return numberOrWord(data, at);
  }
}

/** One spelling for equal values, so that two of them can be compared. @param {Value | undefined} value @returns {string} */
export function spelled(value) {
  if (value === undefined) return "";
  if (Array.isArray(value)) return `[${value.map(spelled).join(" ")}]`;
  if (value instanceof Map) {
    const members = [...value].sort(([one], [other]) => (one < other ? -1 : 1));
    return `<${members.map(([key, one]) => `${JSON.stringify(key)}:${spelled(one)}`).join(" ")}>`;
  }
  if (value instanceof Name) return `/${JSON.stringify(value.name)}`;
  if (value instanceof Str) return `(${JSON.stringify(value.value)})`;
  if (value instanceof Ref) return `${value.number}R`;
  if (value instanceof Real) return value.written;
  return String(value);
}

/** @param {string} data @param {number} from @param {number} depth @returns {[Dictionary, number]} */
function dictionary(data, from, depth) {
  /** @type {Dictionary} */
  const found = new Map();
  for (let at = skipSpace(data, from); ; at = skipSpace(data, at)) {
    if (data.startsWith(">>", at)) return [found, at + 2];
    require(data[at] === "/", "malformed_object");
    const [key, behind] = name(data, at);
    const [value, end] = valueAt(data, behind, depth + 1);
    require(!found.has(key.name), "duplicate_key");
    found.set(key.name, value);
    at = end;
  }
}

/** @param {string} data @param {number} from @param {number} depth @returns {[Value[], number]} */
function array(data, from, depth) {
  /** @type {Value[]} */
  const found = [];
  for (let at = skipSpace(data, from); ; at = skipSpace(data, at)) {
    if (data[at] === "]") return [found, at + 1];
    const [value, end] = valueAt(data, at, depth + 1);
    found.push(value);
    at = end;
  }
}

/** @param {string} data @param {number} at @returns {[Name, number]} */
function name(data, at) {
  const found = match(NAME, data, at);
  if (found === null) throw new Refused("malformed_object");
  const text = (found[1] ?? "").replace(/#([0-9A-Fa-f]{2})/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
  return [new Name(text), at + found[0].length];
}

/** @param {string} data @param {number} at @returns {[Str, number]} */
function hexadecimal(data, at) {
  const found = match(HEX, data, at);
  if (found === null) throw new Refused("malformed_object");
  let digits = (found[1] ?? "").replace(/[^0-9A-Fa-f]/g, "");
  if (digits.length % 2) digits += "0";
  const pairs = digits.match(/../g) ?? [];
  const value = pairs.map((pair) => String.fromCharCode(parseInt(pair, 16))).join("");
  const end = at + found[0].length;
  return [new Str(value, at, end, true), end];
}

const ESCAPED = new Map([["n", "\n"], ["r", "\r"], ["t", "\t"], ["b", "\b"], ["f", "\f"], ["\n", ""], ["\r", ""], ["\r\n", ""]]);

/** A string in parentheses (7.3.4.2). @param {string} data @param {number} start @returns {[Str, number]} */
function literal(data, start) {
  let at = start + 1;
  for (let depth = 1; depth > 0; at++) {
    require(at < data.length, "malformed_object");
    if (data[at] === "\\") at++;
    else if (data[at] === "(") depth++;
    else if (data[at] === ")") depth--;
  }
  const inside = data.slice(start + 1, at - 1);
  const value = inside.replace(/\\([0-7]{1,3}|\r\n|[^])/g, (_, mark) =>
    /^[0-7]/.test(mark) ? String.fromCharCode(parseInt(mark, 8) & 0xff) : ESCAPED.get(mark) ?? mark);
  return [new Str(value, start, at, false), at];
}

/** @param {string} data @param {number} at @returns {[Value, number]} */
function numberOrWord(data, at) {
  const reference = match(REFERENCE, data, at);
  if (reference !== null) {
    require(Number(reference[2]) === 0, "generation_not_zero");
    return [new Ref(Number(reference[1])), at + reference[0].length];
  }
  const number = match(NUMBER, data, at);
  if (number !== null) {
    const [text] = number;
    return [text.includes(".") ? new Real(text) : Number(text), at + text.length];
  }
  const word = match(WORD, data, at);
  if (word === null) throw new Refused("malformed_object");
  const value = { true: true, false: false, null: null }[/** @type {"true"} */ (word[0])];
  return [value, at + word[0].length];
}
