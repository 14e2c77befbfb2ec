// Asks less while nobody looks or the server is away, keeps what a person has opened, says when the state changed.
const HIDDEN_MS = 10_000;
const LONGEST_MS = 30_000;
const PATIENCE_MS = 10_000;
const region = () => document.querySelector("#live, #now");
const announce = document.querySelector("#announce");
const away = document.querySelector("#away");
let state = region().dataset.state;
let failures = 0;
let asked = -Infinity;

htmx.config.timeout = PATIENCE_MS;
Object.assign(Idiomorph.defaults.callbacks, {
  beforeNodeMorphed: (node) => !node.dataset || !("kept" in node.dataset),
  beforeNodeRemoved: (node) => !node.dataset || !("kept" in node.dataset),
  beforeAttributeUpdated: (name, node) => !(name === "open" && node.localName === "details"),
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  const apart = Math.max(document.hidden ? HIDDEN_MS : 0, failures ? Math.min(LONGEST_MS, 1000 * 2 ** failures) : 0);
  if (performance.now() - asked < apart) event.preventDefault();
  else asked = performance.now();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && !failures) asked = -Infinity;
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  failures = event.detail.successful ? 0 : failures + 1;
  away.hidden = failures === 0;
});
document.body.addEventListener("htmx:afterSwap", () => {
  const now = region().dataset;
  if (now.state === state) return;
  state = now.state;
  if (announce) announce.textContent = now.words;
});
