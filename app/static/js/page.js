// Keys, colours and copying, on every page.  Nothing here is needed to use one.
const root = document.documentElement;
const all = (selector) => [...document.querySelectorAll(selector)];

// The form of the colours posts itself: the server keeps the choice, the page changes at once.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-appearance]");
  if (!form) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  if (chosen === "system") delete root.dataset.theme;
  else root.dataset.theme = chosen;
  document.querySelector("meta[name=color-scheme]").content = chosen === "system" ? "light dark" : chosen;
  all("[data-appearance] [name=theme]").forEach((button) => button.setAttribute("aria-pressed", button.value === chosen));
  document.dispatchEvent(new CustomEvent("dynometer:theme")); // charts draw anew
  fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual" })
    .then((reply) => reply.ok || reply.type === "opaqueredirect" || Promise.reject(reply.status))
    .then(() => say(form, ""), () => say(form, "The choice holds on this page alone: it could not be kept."));
});

function say(form, words) {
  const told = form.querySelector("[role=alert]") ?? form.appendChild(document.createElement("p"));
  Object.assign(told, { role: "alert", textContent: words, className: words ? "wrong" : "", hidden: !words });
}
// Where a row of links is longer than the screen, the one that one is at is in sight.
all("nav [aria-current]").forEach((link) => {
  const [row, at] = [link.parentElement, link.getBoundingClientRect()];
  row.scrollLeft += at.left - row.getBoundingClientRect().left - (row.clientWidth - at.width) / 2;
});

// Menus close when one looks elsewhere.
document.addEventListener("click", (event) => {
  all("details.menu[open]").forEach((menu) => menu.contains(event.target) || (menu.open = false));
  if (event.target.closest("[data-help]") && showKeys()) event.preventDefault();
  const copy = event.target.closest("[data-copy]");
  if (copy) copied(copy);
});

const showCopying = () => navigator.clipboard && all("[data-copy]").forEach((button) => (button.hidden = false));
showCopying();
document.body.addEventListener("htmx:afterSwap", showCopying);

async function copied(button) {
  const words = button.textContent;
  await navigator.clipboard.writeText(button.parentElement.querySelector("code").textContent).catch(() => {});
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = words), 1500);
}

function showKeys() {
  const dialog = document.querySelector("dialog#keys");
  if (dialog && !dialog.open) dialog.showModal();
  return Boolean(dialog);
}

// j and k walk the links of a list; the focus is the place, so Enter opens it.
function walk(step) {
  const rows = all("main a.row").filter((row) => row.checkVisibility());
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
}

const KEYS = {
  "?": showKeys,
  "/": () => document.querySelector("[data-search]")?.focus(),
  n: () => (document.querySelector("[data-key=n]") ?? document.querySelector("[data-go=w]"))?.click(), // a choice of workloads is how one begins
  t: () => document.querySelector("#points-table > summary, .chart details > summary")?.click(),
  x: () => document.activeElement.closest("tr")?.querySelector("[name=pick]")?.click(),
  j: () => walk(1),
  k: () => walk(-1),
};
let goes = false; // g was pressed just now

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") all("details.menu[open]").forEach((menu) => { menu.open = false; menu.firstElementChild.focus(); });
  const isTyping = event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea, dialog");
  if (document.body.dataset.keys === "off" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const went = goes && document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
  goes = event.key === "g";
  if (went) went.click();
  else if (KEYS[event.key]) KEYS[event.key]();
  else return;
  event.preventDefault();
});
