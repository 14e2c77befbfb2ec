// Polls less while nobody looks, and says so when the server is out of reach.
const HIDDEN_S = 10;
let asked = 0;

document.body.addEventListener("htmx:beforeRequest", (event) => {
  const now = performance.now();
  if (document.hidden && now - asked < HIDDEN_S * 1000) event.preventDefault();
  else asked = now;
});
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.body.addEventListener(name, () => document.querySelector("#live")?.classList.add("stale"));
}
document.body.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status < 400) document.querySelector("#live")?.classList.remove("stale");
});
