// Says two minutes before the end that the time is nearly over, and gets more without losing
// what was ticked. Without this the page says until when, and the button loads it again.

const NOTICE = 120;
let timer;

function start(clock) {
  clearTimeout(timer);
  const wait = Number(clock.dataset.left) - NOTICE;
  const say = () => { clock.querySelector("[role=status]").textContent = clock.dataset.soon; };
  if (wait > 0) timer = setTimeout(say, wait * 1000);
  clock.querySelector("form")?.addEventListener("submit", (event) => extend(event, clock));
}

async function extend(event, clock) {
  event.preventDefault();
  const form = event.target;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-clock]");
    if (!answer.ok || !fresh) throw new Error("the transfer is elsewhere");
    const after = document.importNode(fresh, true);
    clock.replaceWith(after);
    start(after);
    after.querySelector("button")?.focus();
  } catch {
    form.submit();
  }
}

start(document.querySelector("[data-clock]"));
