// What a check of a QR code looks like: the page brings shapes and words in its own language, this fills them in.
import { numberedLines } from "./facts.js";
import { spelled } from "./moments.js";

/** Verdicts that repeat what is printed on the paper. */
const SHOWS_FACTS = ["QR_GENUINE_COMPARE", "GENUINE_STATUS_UNKNOWN", "SUPERSEDED"];

/**
 * What goes with a verdict.
 * @typedef {{reason?: string, host?: string, lines?: HTMLElement}} Told
 */

export class View {
  /** @param {Document} page one that has the parts of `scanned.html` */
  constructor(page) {
    this.page = page;
    this.parts = /** @type {HTMLTemplateElement} */ (page.querySelector("template[data-scanned-parts]")).content;
    this.place = /** @type {HTMLElement} */ (page.querySelector("[data-scanned]"));
    this.answer = /** @type {HTMLElement} */ (page.querySelector("[data-scanned-answer]"));
    this.rest = /** @type {HTMLElement} */ (page.querySelector("[data-scanned-rest]"));
  }

  /** Where we are reached; the first is our address. */
  get hosts() {
    return (this.place.dataset.hosts ?? "").split(" ");
  }

  /** How old a good word may be for today, in milliseconds. */
  get fresh() {
    return 1000 * Number(this.place.dataset.fresh);
  }

  /**
   * A text of the page, its places filled in.
   * @param {string} name
   * @param {Record<string, string>} [values]
   */
  words = (name, values = {}) => {
    const text = this.parts.querySelector(`[data-word="${name}"]`)?.textContent ?? "";
    return text.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
  };

  /**
   * Show one verdict.
   * @param {string} code
   * @param {Told & {checked: string}} told
   */
  show(code, told) {
    const verdict = this.part(`[data-verdict="${code}"]`);
    const why = this.words(`why-${told.reason}`);
    if (why) /** @type {HTMLElement} */ (verdict.querySelector("[data-why]")).textContent = why;
    /** @type {HTMLElement} */ (verdict.querySelector("[data-time]")).textContent = told.checked;
    this.open(); // first: what changes in a region that is hidden is not read out
    this.answer.replaceChildren(verdict);
    this.rest.replaceChildren(...this.restOf(code, told));
    this.page.title = `${verdict.querySelector("h1")?.textContent?.trim().replace(/\s+/g, " ")} – echt`;
    const word = verdict.querySelector("h1");
    if (word) {
      word.tabIndex = -1; // what had the focus is gone
      word.focus();
    }
    performance.mark("verdict"); // bench/qr.py waits for it
    setTimeout(() => this.page.documentElement.classList.remove("echt-scanning")); // letters of ours are not waited for
  }

  /** Take the place of what stood on the page. */
  open() {
    this.place.hidden = false;
    for (const other of this.place.parentElement?.children ?? []) {
      if (other instanceof HTMLElement && other !== this.place) other.hidden = true;
    }
    this.keepFragment();
  }

  /** Other languages show the same code. */
  keepFragment() {
    for (const link of this.page.querySelectorAll("a[hreflang]")) {
      if (link instanceof HTMLAnchorElement) link.hash = location.hash;
    }
  }

  /** @param {string} code @param {Told} told */
  restOf(code, told) {
    const found = [];
    if (told.host !== undefined && told.reason !== "own-host") found.push(this.warning(told.host, told.reason));
    if (told.lines && SHOWS_FACTS.includes(code)) found.push(told.lines);
    found.push(this.part("[data-again]"));
    return found;
  }

  /** @param {string} host @param {string} [reason] whose host it is: that of a code, or of the page itself */
  warning(host, reason = "other-host") {
    const alert = this.part("[data-look-alike]");
    const text = /** @type {HTMLElement} */ (alert.querySelector("[data-host]"));
    const name = host ? reason : "no-host";
    text.textContent = this.words(name, { host, address: this.hosts[0] ?? "" });
    return alert;
  }

  /** @param {import("./claims.js").Facts} facts */
  facts(facts) {
    const section = this.part("[data-facts]");
    const list = /** @type {HTMLElement} */ (section.querySelector("[data-lines]"));
    const lines = numberedLines(facts, this.words, this.page.documentElement.lang);
    list.replaceChildren(...lines.map((line) => this.line(line)));
    return section;
  }

  /** @param {import("./facts.js").Line} line */
  line(line) {
    const tick = this.part("[data-line]");
    const fill = (/** @type {string} */ name, /** @type {string} */ text) => {
      const place = /** @type {HTMLElement} */ (tick.querySelector(name));
      place.textContent = text;
      return place;
    };
    fill(".echt-lines__no", String(line.number)).classList.toggle("echt-tick__look", line.number <= 2);
    fill(".echt-lines__label", line.label);
    const value = fill("bdi", line.value);
    if (line.language) value.lang = line.language;
    const small = fill("small", line.small ?? "");
    small.hidden = !line.small;
    const same = this.words("same", { number: String(line.number), label: line.label });
    tick.querySelector("input")?.setAttribute("aria-label", same);
    return tick;
  }

  /** @param {Date} now */
  checkedAt(now) {
    return this.words("checked", { moment: spelled(now, this.page.documentElement.lang) });
  }

  /** A copy of one part of the page. @param {string} selector */
  part(selector) {
    const found = this.parts.querySelector(selector);
    return /** @type {HTMLElement} */ (found?.cloneNode(true));
  }
}
