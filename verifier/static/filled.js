// Words of a page with the values that only this browser knows.

/**
 * Fill in every `[data-<name>]`: its own `data-text` with places such as `{value}`, else the value.
 * @param {Element} part
 * @param {Record<string, Record<string, string>>} told
 */
export function fillIn(part, told) {
  for (const [name, values] of Object.entries(told)) {
    for (const one of part.querySelectorAll(`[data-${name}]`)) {
      const text = one.getAttribute("data-text") ?? "{value}";
      one.textContent = text.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
    }
  }
}
