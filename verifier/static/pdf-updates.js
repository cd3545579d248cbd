// The one seal of a file, and what may stand behind it: archive data, update upon update (docs/verify/pdf.md).
import { isNamed } from "./pdf-file.js";
import { Ref, spelled, Str } from "./pdf-syntax.js";
import { Refused, require } from "./refused.js";

/** Update 0 is the renderer's; the seal is the first one after it. */
const SEAL = 1;
const LISTS = ["Certs", "OCSPs", "CRLs"];
const TRAILER = ["ID", "Info", "Prev", "Root", "Size"];
const WIDGET = ["F", "FT", "P", "Rect", "Subtype", "T", "Type", "V"];
const STAMP = ["ByteRange", "Contents", "Filter", "SubFilter", "Type"];
const INVISIBLE = 132; // Print and Locked (ISO 32000-1 table 165)
const MAX_IDENTIFIER = 64;

/** @typedef {import("./pdf-file.js").PdfFile} PdfFile */
/** @typedef {import("./pdf-file.js").Place} Place */
/** @typedef {import("./pdf-syntax.js").Value} Value */
/** @typedef {import("./pdf-syntax.js").Dictionary} Dictionary */

/** The one seal, at its one place, with its one profile. @param {PdfFile} file */
export function requireSeal(file) {
  const regular = file.signatures().filter((one) => !one.isStamp);
  const [seal] = regular;
  require(regular.length === 1 && seal !== undefined, "not_one_signature");
  require(seal.revision === SEAL, "seal_not_first_update");
  requireProfile(seal.dictionary);
  requireField(file, seal.number);
  return seal;
}

/** @param {Dictionary} seal */
function requireProfile(seal) {
  require(isNamed(seal.get("SubFilter"), "ETSI.CAdES.detached"), "seal_profile");
  require(isNamed(seal.get("Filter"), "Adobe.PPKLite"), "seal_profile");
  const references = seal.get("Reference");
  require(Array.isArray(references) && references.length === 1, "seal_profile");
  const [reference] = references;
  require(reference instanceof Map && isNamed(reference.get("TransformMethod"), "DocMDP"), "seal_profile");
  const rules = reference.get("TransformParams");
  require(rules instanceof Map && rules.get("P") === 1, "seal_profile");
}

/** One field named Seal holds it, and the catalog calls it the certification. @param {PdfFile} file @param {number} number */
function requireField(file, number) {
  const catalog = file.catalog(SEAL);
  const permissions = file.dictionary(catalog.get("Perms"), SEAL, "seal_field");
  require(permissions.size === 1 && isRef(permissions.get("DocMDP"), number), "seal_field");
  const form = file.dictionary(catalog.get("AcroForm"), SEAL, "seal_field");
  const fields = file.resolve(form.get("Fields"), SEAL);
  require(Array.isArray(fields) && fields.length === 1, "seal_field");
  const field = file.dictionary(fields[0], SEAL, "seal_field");
  const title = field.get("T");
  require(isRef(field.get("V"), number) && isNamed(field.get("FT"), "Sig"), "seal_field");
  require(title instanceof Str && title.value === "Seal", "seal_field");
}

/** Allow the updates behind the seal; give their time-stamps, oldest first. @param {PdfFile} file */
export function requireArchival(file) {
  /** @type {Place[]} */
  const stamps = [];
  for (let revision = SEAL + 1; revision < file.revisions.length; revision++) {
    stamps.push(...new Update(file, revision, stamps.length).stamps());
  }
  return stamps;
}

/** One update behind the seal, held against the file as it was before. */
class Update {
  /** @param {PdfFile} file @param {number} revision @param {number} stampsBefore */
  constructor(file, revision, stampsBefore) {
    this.file = file;
    this.now = revision;
    this.before = revision - 1;
    this.changed = /** @type {import("./pdf-file.js").Revision} */ (file.revisions[revision]).objects;
    const kept = this.fields(this.before);
    this.added = this.fields(revision).slice(kept.length);
    this.requireTrailer();
    this.requireRewritten();
    this.requireFormGrows(kept, stampsBefore);
    this.requireAnnotations();
    this.requireNothingElse();
  }

  /** @param {number} revision */
  trailer(revision) {
    return /** @type {import("./pdf-file.js").Revision} */ (this.file.revisions[revision]).trailer;
  }

  requireTrailer() {
    const [old, now] = [this.trailer(this.before), this.trailer(this.now)];
    require([...now.keys()].sort().join() === TRAILER.join(), "trailer_changed");
    for (const key of ["Root", "Info"]) require(spelled(now.get(key)) === spelled(old.get(key)), "trailer_changed");
    const [was, is] = [old.get("ID"), now.get("ID")];
    require(Array.isArray(was) && Array.isArray(is) && is.length === 2, "trailer_changed");
    require(is.every((one) => one instanceof Str && one.value.length <= MAX_IDENTIFIER), "trailer_changed");
    require(spelled(was[0]) === spelled(is[0]), "trailer_changed");
    const numbers = this.file.revisions.slice(0, this.now + 1).flatMap((one) => [...one.objects.keys()]);
    require(now.get("Size") === Math.max(...numbers) + 1, "trailer_changed");
  }

  /** Of the objects that existed, few may be written again, and each in few keys. */
  requireRewritten() {
    const catalog = this.file.catalog(this.before);
    const may = new Map([[this.page(), ["Annots"]]]);
    const places = /** @type {[Value | undefined, string[]][]} */ ([
      [this.trailer(this.before).get("Root"), ["AcroForm", "DSS"]],
      [catalog.get("AcroForm"), ["Fields"]],
      [catalog.get("DSS"), LISTS],
    ]);
    for (const [place, keys] of places) if (place instanceof Ref) may.set(place.number, keys);
    for (const [number, item] of this.changed) {
      const old = this.file.at(number, this.before);
      if (old === null) continue;
      require(sameBut(old.value, item.value, may.get(number)), "sealed_object_changed");
    }
  }

  /** @param {Value[]} kept @param {number} stampsBefore */
  requireFormGrows(kept, stampsBefore) {
    require(sameBut(this.form(this.before), this.form(this.now), ["Fields"]), "form_changed");
    require(spelled(this.fields(this.now).slice(0, kept.length)) === spelled(kept), "form_changed");
    require(this.added.length <= 1, "form_changed");
    for (const field of this.added) {
      const title = this.widget(field).get("T");
      require(title instanceof Str && title.value === `ArchiveTimestamp${stampsBefore + 1}`, "archive_field");
    }
  }

  requireAnnotations() {
    const [old, now] = [this.annotations(this.before), this.annotations(this.now)];
    const added = this.added.map(spelled);
    require(spelled(now.filter((one) => !added.includes(spelled(one)))) === spelled(old), "annotations_changed");
    require(now.length === old.length + added.length, "annotations_changed");
  }

  requireNothingElse() {
    const expected = new Set(this.validationObjects());
    for (const field of this.added) {
      expected.add(/** @type {Ref} */ (field).number);
      expected.add(this.stamp(field).number);
    }
    const fresh = [...this.changed.keys()].filter((number) => this.file.at(number, this.before) === null);
    require(fresh.length > 0 && fresh.every((number) => expected.has(number)), "object_not_archival");
  }

  /** Numbers of a DSS and its streams; all that was there before is there still. */
  validationObjects() {
    const [old, now] = [this.store(this.before), this.store(this.now)];
    const found = now.numbers;
    require(old.numbers.every((number) => found.includes(number)), "archive_data");
    require(now.own === null || found.length > 0, "archive_data");
    return now.own === null ? found : [...found, now.own];
  }

  /** @param {number} revision */
  store(revision) {
    const place = this.file.catalog(revision).get("DSS");
    if (place === undefined) return { own: null, numbers: [] };
    require(place instanceof Ref, "archive_data");
    const store = this.file.dictionary(place, revision, "archive_data");
    require(isNamed(store.get("Type"), "DSS"), "archive_data");
    require([...store.keys()].every((key) => key === "Type" || LISTS.includes(key)), "archive_data");
    const numbers = LISTS.flatMap((kind) => this.streams(store.get(kind), revision));
    require(new Set(numbers).size === numbers.length, "archive_data");
    return { own: place.number, numbers };
  }

  /** @param {Value | undefined} entries @param {number} revision */
  streams(entries, revision) {
    if (entries === undefined) return [];
    require(Array.isArray(entries), "archive_data");
    return entries.map((entry) => {
      const item = entry instanceof Ref ? this.file.at(entry.number, revision) : null;
      require(item !== null && item.isStream && item.value instanceof Map, "archive_data");
      require([...item.value.keys()].every((key) => key === "Length" || key === "Filter"), "archive_data");
      return /** @type {Ref} */ (entry).number;
    });
  }

  stamps() {
    return this.added.map((field) => this.stamp(field));
  }

  /** @param {Value} field @returns {Place} */
  stamp(field) {
    const value = this.widget(field).get("V");
    require(value instanceof Ref && this.changed.has(value.number), "archive_field");
    const stamp = this.file.dictionary(value, this.now, "archive_field");
    require([...stamp.keys()].sort().join() === STAMP.join(), "archive_field");
    require(isNamed(stamp.get("SubFilter"), "ETSI.RFC3161") && isNamed(stamp.get("Type"), "DocTimeStamp"), "archive_field");
    require(isNamed(stamp.get("Filter"), "Adobe.PPKLite"), "archive_field");
    return { number: value.number, revision: this.now, dictionary: stamp, isStamp: true };
  }

  /** The one form of an invisible widget: whatever more it had, it could act on. @param {Value} field */
  widget(field) {
    require(field instanceof Ref && this.file.at(field.number, this.before) === null, "archive_field");
    const widget = this.file.dictionary(field, this.now, "archive_field");
    require([...widget.keys()].sort().join() === WIDGET.join(), "archive_field");
    const named = [["Type", "Annot"], ["Subtype", "Widget"], ["FT", "Sig"]];
    require(named.every(([key = "", name = ""]) => isNamed(widget.get(key), name)), "archive_field");
    const place = widget.get("Rect");
    require(Array.isArray(place) && place.length === 4 && place.every((one) => one === 0), "archive_field");
    require(widget.get("F") === INVISIBLE && isRef(widget.get("P"), this.page()), "archive_field");
    return widget;
  }

  /** @param {number} revision */
  form(revision) {
    return this.file.dictionary(this.file.catalog(revision).get("AcroForm"), revision, "form_changed");
  }

  /** @param {number} revision */
  fields(revision) {
    const fields = this.file.resolve(this.form(revision).get("Fields"), revision);
    require(Array.isArray(fields), "form_changed");
    return fields;
  }

  /** @param {number} revision */
  annotations(revision) {
    const page = this.file.dictionary(new Ref(this.page()), revision, "page_tree");
    const listed = this.file.resolve(page.get("Annots"), revision);
    return Array.isArray(listed) ? listed : [];
  }

  /** Number of the first leaf of the page tree. */
  page() {
    /** @type {Value | undefined} */
    let node = this.file.catalog(SEAL).get("Pages");
    for (let depth = 0; depth < 8 && node instanceof Ref; depth++) {
      const item = this.file.dictionary(node, SEAL, "page_tree");
      if (isNamed(item.get("Type"), "Page")) return node.number;
      const kids = item.get("Kids");
      node = Array.isArray(kids) ? kids[0] : undefined;
    }
    throw new Refused("page_tree");
  }
}

/** @param {Value | undefined} value @param {number} number */
function isRef(value, number) {
  return value instanceof Ref && value.number === number;
}

/** @param {Value} old @param {Value} now @param {string[] | undefined} keys */
function sameBut(old, now, keys) {
  if (keys === undefined || !(old instanceof Map) || !(now instanceof Map)) return false;
  const rest = (/** @type {Dictionary} */ one) => spelled(new Map([...one].filter(([key]) => !keys.includes(key))));
  return rest(old) === rest(now);
}
