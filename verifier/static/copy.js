// Copying a text with one click. Without this it can be selected and copied by hand.

/** Let every button in this part copy the text beside it, and say so. @param {ParentNode} part */
export function offerCopying(part) {
  for (const button of part.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
}

async function copy(button) {
  const place = button.closest("[data-copyable]");
  const text = place.querySelector("textarea");
  const said = place.querySelector("[data-copied]");
  said.textContent = ""; // the same word twice is read out twice
  try {
    await navigator.clipboard.writeText(text.value); // absent where the page is not secure
    said.textContent = button.dataset.done;
  } catch {
    text.select();
    said.textContent = button.dataset.failed;
  }
}

offerCopying(document);
