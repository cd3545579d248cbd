// Facts as numbered lines, with the same numbers and order as on the paper. Words come from the page.
import { isDate } from "./claims.js";
import { LOCALES, clockOf, dayOf } from "./moments.js";

/**
 * @typedef {object} Line
 * @property {number} number never renumbered: a missing line leaves a gap
 * @property {string} label
 * @property {string} value
 * @property {string} [small] our own remark
 * @property {string} [language] of the value, where it is not that of the page
 *
 * @typedef {(name: string, values?: Record<string, string>) => string} Words
 */

/** The code of a Dutch institution (BRIN): its name is Dutch, whatever the language of the page. */
const DUTCH = /^\d\d[A-Z]{2}$/;

/**
 * All lines that the facts support.
 * @param {import("./claims.js").Facts} facts
 * @param {Words} words
 * @param {string} language of the page
 * @returns {Line[]}
 */
export function numberedLines(facts, words, language) {
  const document = facts.language === language ? undefined : facts.language;
  const lines = [
    { value: facts.name || words("name-unknown") },
    { value: date(facts.birth, words, language) },
    { value: facts.programme, language: document },
    { value: facts.degree },
    { value: facts.institution, language: language !== "nl" && DUTCH.test(facts.institutionCode ?? "") ? "nl" : undefined },
    { value: awarded(facts, words, language) },
    { value: level(facts, words) },
    { value: codes(facts, words) },
    { value: facts.number, small: issued(facts.issued, words, language) },
  ];
  return lines
    .map((line, place) => ({ ...line, value: line.value ?? "", number: place + 1, label: words(`line-${place + 1}`) }))
    .filter((line) => line.value !== "");
}

/** @param {import("./claims.js").Facts} facts @param {Words} words @param {string} language */
function awarded(facts, words, language) {
  const when = date(facts.awarded, words, language);
  const result = ["passed", "rejected"].includes(facts.result ?? "") ? words(facts.result ?? "") : facts.result;
  return result ? words("date-result", { date: when, result }) : when;
}

/** @param {import("./claims.js").Facts} facts @param {Words} words */
function level(facts, words) {
  const reached = [["NLQF", facts.nlqf], [words("eqf"), facts.eqf]];
  return reached.filter(([, one]) => one).map((pair) => pair.join(" ")).join(", ");
}

/** @param {import("./claims.js").Facts} facts @param {Words} words */
function codes(facts, words) {
  const { institutionCode: institution, programmeCode: programme } = facts;
  return institution && programme ? words("codes", { institution, programme }) : "";
}

/** @param {number} moment @param {Words} words @param {string} language */
function issued(moment, words, language) {
  return words("issued", { date: dayOf(moment, language), time: clockOf(moment, language) });
}

/**
 * A date as far as it is known, with what is not known said in words.
 * @param {string | undefined} written
 * @param {Words} words
 * @param {string} language
 */
function date(written, words, language) {
  if (written === undefined || !isDate(written)) return written || words("unknown");
  const [year = "", month, day] = written.split("-");
  if (month === undefined) return words("year-only", { year });
  const time = Date.UTC(Number(year), Number(month) - 1, Number(day ?? "1"));
  const known = new Date(time).toISOString().startsWith(written);
  if (!known) return written;
  const shape = day === undefined
    ? { year: /** @type {const} */ ("numeric"), month: /** @type {const} */ ("long") }
    : { dateStyle: /** @type {const} */ ("long") };
  const told = new Intl.DateTimeFormat(LOCALES.get(language), { ...shape, timeZone: "UTC" }).format(time);
  return day === undefined ? words("month-only", { month: told }) : told;
}
