// Asks less while nobody looks or the server is away, keeps what a person has opened, says when the state changed.
const HIDDEN_MS = 10_000;
const LONGEST_MS = 30_000;
const PATIENCE_MS = 10_000;
const MAY_PASS = [408, 429];
const region = () => document.querySelector("#live, #now");
const announce = document.querySelector("#announce");
const away = document.querySelector("#away");
const cancel = document.querySelector("#actions form");
let state = region()?.dataset.state;
let failures = 0;
let asked = -Infinity;
let isRefused = false; // to ask again would not help

htmx.config.timeout = PATIENCE_MS;
Object.assign(Idiomorph.defaults.callbacks, {
  beforeNodeMorphed: (node) => !node.dataset || !("kept" in node.dataset),
  beforeNodeRemoved: (node) => !node.dataset || !("kept" in node.dataset),
  beforeAttributeUpdated: (name, node) => !(name === "open" && node.localName === "details"),
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  const apart = Math.max(document.hidden ? HIDDEN_MS : 0, failures ? Math.min(LONGEST_MS, 1000 * 2 ** failures) : 0);
  if (isRefused || performance.now() - asked < apart) event.preventDefault();
  else asked = performance.now();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !failures) asked = -Infinity;
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  const { successful, xhr } = event.detail;
  failures = successful ? 0 : failures + 1;
  isRefused = xhr.status >= 400 && xhr.status < 500 && !MAY_PASS.includes(xhr.status);
  if (isRefused) away.textContent = "This page is no longer updated. Reload it.";
  away.hidden = failures === 0;
  region()?.classList.toggle("stale", failures > 0);
});
document.body.addEventListener("htmx:afterSwap", () => {
  const now = region();
  if (!now || now.dataset.state === state) return;
  state = now.dataset.state;
  if (announce) announce.textContent = now.dataset.words;
  if (cancel && !now.hasAttribute("hx-get")) cancel.querySelector("button").ariaDisabled = "true"; // it keeps the focus
});
cancel?.addEventListener("submit", (event) => {
  if (event.submitter?.ariaDisabled) event.preventDefault();
});
