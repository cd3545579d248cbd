// Every byte of a PDF accounted for: updates that tile the file, objects that tile an update (ISO 32000-1 7.5.6).
import { octets } from "./bytes.js";
import { match, Name, Ref, skipSpace, Str, valueAt } from "./pdf-syntax.js";
import { Refused, require } from "./refused.js";

const MAX_REVISIONS = 64, MAX_OBJECTS = 20_000, TAIL_ROOM = 64;
const HEADER = /%PDF-1\.[4-7]\r?\n(?:%[\x80-\xff]{4,}\r?\n)?\s*/y;
const TAIL = /startxref\r?\n(\d{1,10})\r?\n%%EOF(?:\r\n|\n|\r)?$/;
const END = /\s*startxref\r?\n(\d{1,10})\r?\n%%EOF(?:\r\n|\n|\r)?/y;
const TABLE = /xref\r?\n/y;
const SECTION = /(\d{1,10}) (\d{1,6}) ?\r?\n/y;
const ROW = /(\d{10}) (\d{5}) ([nf])(?: \n| \r|\r\n)/y;
const OBJECT = /(\d{1,10}) 0 obj(?![A-Za-z0-9])/y;
const STREAM = /\s*stream\r?\n/y;
const STREAM_END = /\s*endstream(?![A-Za-z])/y;
const OBJECT_END = /\s*endobj(?![A-Za-z])/y;

/** @typedef {import("./pdf-syntax.js").Value} Value */
/** @typedef {import("./pdf-syntax.js").Dictionary} Dictionary */
/** @typedef {{value: Value, isStream: boolean}} IndirectObject */
/** @typedef {{objects: Map<number, IndirectObject>, trailer: Dictionary, end: number}} Revision */
/** @typedef {{number: number, revision: number, dictionary: Dictionary, isStamp: boolean}} Place */
/** @typedef {{offset: number, rows: Map<number, number>, trailer: Dictionary, end: number}} Table */

/** A file whose every byte belongs to exactly one update, oldest first. */
export class PdfFile {
  /** @param {string} data one letter per byte */
  constructor(data) {
    const header = match(HEADER, data, 0);
    if (header === null) throw new Refused("header");
    this.data = data;
    /** @type {Revision[]} */
    this.revisions = [];
    let body = header[0].length;
    for (const table of chain(data)) {
      require(table.offset >= body, "revisions_overlap");
      this.revisions.push({ objects: objects(data, table, body), trailer: table.trailer, end: table.end });
      body = table.end;
    }
    require(body === data.length, "trailing_bytes");
  }

  /** The object as a reader of that update sees it. @param {number} number @param {number} revision */
  at(number, revision) {
    for (let layer = revision; layer >= 0; layer--) {
      const found = this.revisions[layer]?.objects.get(number);
      if (found) return found;
    }
    return null;
  }

  /** The value itself, a reference followed once. @param {Value | undefined} value @param {number} revision */
  resolve(value, revision) {
    if (!(value instanceof Ref)) return value ?? null;
    const found = this.at(value.number, revision);
    require(found !== null && !(found.value instanceof Ref), "dangling_reference");
    return found.value;
  }

  /** A dictionary, and nothing else. @param {Value | undefined} value @param {number} revision @param {string} reason */
  dictionary(value, revision, reason) {
    const found = this.resolve(value, revision);
    require(found instanceof Map, reason);
    return found;
  }

  /** @param {number} revision */
  catalog(revision) {
    return this.dictionary(this.revisions[revision]?.trailer.get("Root"), revision, "catalog");
  }

  /** Every signature dictionary that any update wrote, wherever it hides. */
  signatures() {
    /** @type {Place[]} */
    const found = [];
    this.revisions.forEach((layer, revision) => {
      for (const [number, item] of layer.objects) {
        for (const [depth, dictionary] of dictionaries(item.value, 0)) {
          if (!looksSigned(dictionary)) continue;
          require(depth === 0, "signature_hidden");
          found.push({ number, revision, dictionary, isStamp: isNamed(dictionary.get("Type"), "DocTimeStamp") });
        }
      }
    });
    return found;
  }

  /**
   * The digits of a signature and where they stand; it must cover all else up to the end of its update.
   * @param {Place} place
   */
  covered(place) {
    const contents = place.dictionary.get("Contents");
    const range = place.dictionary.get("ByteRange");
    const end = this.revisions[place.revision]?.end ?? 0;
    require(contents instanceof Str && contents.isHex && Array.isArray(range), "byte_range");
    const expected = [0, contents.start, contents.end, end - contents.end];
    require(range.length === 4 && range.every((one, at) => one === expected[at]), "byte_range");
    const digits = this.data.slice(contents.start, contents.end);
    require(/^<(?:[0-9a-f]+|[0-9A-F]+)>$/.test(digits), "contents_not_canonical");
    return { contents: octets(contents.value), from: contents.start, to: contents.end, end };
  }
}

/** Whether a value is exactly this name. @param {Value | undefined} value @param {string} name */
export function isNamed(value, name) {
  return value instanceof Name && value.name === name;
}

/** @param {Dictionary} dictionary */
function looksSigned(dictionary) {
  const type = dictionary.get("Type");
  return dictionary.has("ByteRange") || isNamed(type, "Sig") || isNamed(type, "DocTimeStamp");
}

/** @param {Value} value @param {number} depth @returns {Generator<[number, Dictionary]>} */
function* dictionaries(value, depth) {
  if (value instanceof Map) {
    yield [depth, value];
    for (const part of value.values()) yield* dictionaries(part, depth + 1);
  } else if (Array.isArray(value)) {
    for (const part of value) yield* dictionaries(part, depth + 1);
  }
}

/** All tables, oldest first, by following Prev from the end of the file. @param {string} data */
function chain(data) {
  const tail = TAIL.exec(data.slice(-TAIL_ROOM));
  if (tail === null) throw new Refused("trailing_bytes");
  /** @type {Table[]} */
  const tables = [];
  /** @type {Value | undefined} */
  let offset = Number(tail[1]);
  while (offset !== undefined && offset !== null) {
    require(typeof offset === "number" && tables.length < MAX_REVISIONS, "revision_chain");
    require(offset < (tables[0]?.offset ?? Infinity), "revision_chain");
    const found = table(data, offset);
    tables.unshift(found);
    offset = found.trailer.get("Prev");
  }
  return tables;
}

/** @param {string} data @param {number} offset @returns {Table} */
function table(data, offset) {
  const start = match(TABLE, data, offset);
  if (start === null) throw new Refused("cross_reference");
  let at = offset + start[0].length;
  const rows = new Map();
  while (!data.startsWith("trailer", at)) at = section(data, at, rows);
  const [trailer, behind] = valueAt(data, at + "trailer".length);
  require(trailer instanceof Map && !trailer.has("XRefStm") && !trailer.has("Encrypt"), "trailer");
  const end = match(END, data, behind);
  require(end !== null && Number(end[1]) === offset, "end_of_revision");
  return { offset, rows, trailer, end: behind + end[0].length };
}

/** @param {string} data @param {number} from @param {Map<number, number>} rows */
function section(data, from, rows) {
  const head = match(SECTION, data, from);
  if (head === null) throw new Refused("cross_reference");
  const [first, count] = [Number(head[1]), Number(head[2])];
  require(count + rows.size <= MAX_OBJECTS, "cross_reference");
  let at = from + head[0].length;
  for (let number = first; number < first + count; number++) {
    const row = match(ROW, data, at);
    require(row !== null && !rows.has(number), "cross_reference");
    at += row[0].length;
    if (row[3] === "n") {
      require(row[2] === "00000", "generation_not_zero");
      rows.set(number, Number(row[1]));
    } else require(number === 0, "freed_object");
  }
  return at;
}

/** @param {string} data @param {Table} table @param {number} body */
function objects(data, table, body) {
  /** @type {Map<number, IndirectObject>} */
  const found = new Map();
  let at = body;
  for (const [number, offset] of [...table.rows].sort(([, one], [, other]) => one - other)) {
    require(offset >= at && isSpace(data, at, offset), "object_outside_table");
    const [item, end] = object(data, number, offset);
    found.set(number, item);
    at = end;
  }
  require(isSpace(data, at, table.offset), "object_outside_table");
  return found;
}

/** @param {string} data @param {number} from @param {number} to */
function isSpace(data, from, to) {
  return /^[\r\n ]*$/.test(data.slice(from, to));
}

/** @param {string} data @param {number} number @param {number} offset @returns {[IndirectObject, number]} */
function object(data, number, offset) {
  const head = match(OBJECT, data, offset);
  require(head !== null && Number(head[1]) === number, "cross_reference");
  let [value, at] = valueAt(data, offset + head[0].length);
  const start = skipSpace(data, at);
  const opened = match(STREAM, data, start);
  if (opened !== null) at = streamEnd(data, value, start + opened[0].length);
  const closed = match(OBJECT_END, data, at);
  if (closed === null) throw new Refused("malformed_object");
  return [{ value, isStream: opened !== null }, at + closed[0].length];
}

/** Where a stream ends; its length stands in its own dictionary. @param {string} data @param {Value} value @param {number} start */
function streamEnd(data, value, start) {
  require(value instanceof Map, "stream_length");
  const length = value.get("Length");
  require(typeof length === "number" && length >= 0 && start + length <= data.length, "stream_length");
  require(!isNamed(value.get("Type"), "ObjStm") && !isNamed(value.get("Type"), "XRef"), "stream_length");
  const closed = match(STREAM_END, data, start + length);
  if (closed === null) throw new Refused("stream_length");
  return start + length + closed[0].length;
}
