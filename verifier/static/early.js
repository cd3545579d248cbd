// Runs before the page is drawn: a scanned code is asked about at once, and the start page never flashes by.
// Whatever stands behind # stays here. The two requests say nothing of it.
(() => {
  const LEAST_LETTERS = 64; // as in qr-check.js
  const PATIENCE = 30_000;
  if (location.hash.length <= LEAST_LETTERS) return;
  /** @param {string} path */
  const ask = (path) => {
    const signal = AbortSignal.timeout(PATIENCE);
    const how = /** @type {RequestInit} */ ({ credentials: "omit", cache: "no-store", redirect: "error", signal });
    return fetch(path, how).catch(() => null);
  };
  const list = ask("/.well-known/echt-trust.json");
  const width = ask("/api/v1/status-buckets").then((answer) => (answer?.ok ? answer.json() : null)).catch(() => null);
  Object.assign(window, { echtAsked: { list, width } });
  const waiting = document.documentElement.classList;
  waiting.add("echt-scanning");
  setTimeout(() => waiting.remove("echt-scanning"), 2 * PATIENCE);
  // The first date of a browser is slow to spell: its calendar is fetched now, while all waits for the line.
  new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format();
})();
