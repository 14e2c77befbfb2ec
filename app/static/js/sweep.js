// Draws a sweep's charts, again whenever a window ends; switches what they show in place; arrow keys walk the points.
const { feed, vega } = document.querySelector("[data-vega]").dataset;
const { inTurn } = await import(feed);
const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
const byId = (id) => document.getElementById(id);
const KEPT = ["metrics", "curves", "toggles", "exports", "files"]; // their addresses follow from what is shown
const OPTIONS = { ast: true, renderer: "svg", actions: false, tooltip: false, logLevel: 1, defaultStyle: false, hover: false };
const drawn = {}; // figure -> what it shows: address and view
let [rows, place, hasPointer] = [[], null, false]; // points; the one that is looked at; two sweeps have no ring for it

// The address of the spec: the figure's own, looked at as the page's address says.
function address(figure) {
  const url = new URL(figure.dataset.spec, location.href);
  if (figure.querySelector("[data-switch]")) url.search = location.search;
  url.searchParams.set("theme", theme());
  return url.href;
}

async function draw(name) {
  const figure = byId(name);
  const url = figure && address(figure);
  const version = `${url} ${figure?.dataset.version}`;
  if (!figure || drawn[name]?.version === version) return;
  const reply = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-cache", redirect: "manual" });
  if (!reply.ok) return;
  const [spec, { embed, expressionInterpreter }] = await Promise.all([reply.json(), import(vega)]);
  const plot = figure.querySelector(".plot");
  plot.style.minHeight = `${plot.offsetHeight}px`; // nothing below jumps while the old one makes way
  drawn[name]?.view.finalize();
  const { view } = await embed(plot, spec, { ...OPTIONS, expr: expressionInterpreter });
  plot.style.minHeight = "";
  plot.dataset.drawn = theme();
  drawn[name] = { version, view };
  if (name === "scaling") tell(spec);
}

// What the page says around the chart, and what keys walk through.
function tell({ usermeta, layer }) {
  const figure = byId("scaling");
  hasPointer = layer.some(({ data }) => data?.name === "pointer");
  rows = drawn.scaling.view.data("points").map((row) => ({ ...row, key: row.key ?? row.line }));
  if (place) look(rows.find((row) => row.key === place.key && row.workers === place.workers) ?? null, false);
  if (!usermeta?.curves) return;
  const looks = new Map(usermeta.curves.map((curve) => [curve.key, curve]));
  for (const link of figure.querySelectorAll("[data-key]")) {
    const curve = looks.get(link.dataset.key);
    if (curve) link.className = curve.is_shown ? `series-${curve.series}` : "off";
  }
  const note = (words) => Object.assign(document.createElement("p"), { textContent: words, className: "minor" });
  figure.querySelector(".notes")?.replaceChildren(...usermeta.notes.map(note));
}

function look(row, isByKey) {
  const readout = byId("readout");
  place = row;
  if (hasPointer) drawn.scaling.view.data("pointer", row ? [row] : []).runAsync();
  if (!row) return;
  Object.assign(readout, { ariaLive: isByKey ? "polite" : "off", textContent: row.label }); // a pointer's way is not read out
}

// Left and right along a curve, up and down to the next curve at the nearest number of workers.
function walk(key) {
  const curves = [...new Set(rows.map((row) => row.key))];
  const own = place ? rows.filter((row) => row.key === place.key) : [];
  const at = own.findIndex((row) => row.workers === place?.workers);
  if (!place || at < 0) return rows[0];
  if (key === "ArrowRight" || key === "ArrowLeft") return own[at + (key === "ArrowRight" ? 1 : -1)] ?? own[at];
  if (key === "Home" || key === "End") return own.at(key === "Home" ? 0 : -1);
  const next = curves.at((curves.indexOf(place.key) + (key === "ArrowDown" ? 1 : -1)) % curves.length);
  const near = (row) => Math.abs(Math.log(row.workers / place.workers));
  return rows.filter((row) => row.key === next).reduce((best, row) => (near(row) < near(best) ? row : best));
}

function nearest(plot, event, view) {
  const box = plot.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left - view.origin()[0], event.clientY - box.top - view.origin()[1]];
  const away = (row) => Math.hypot(view.scale("x")(row.workers) - x, view.scale("y")(row.value) - y);
  const found = rows.reduce((best, row) => (best && away(best) <= away(row) ? best : row), null);
  return found && away(found) < 40 ? found : null;
}

// A press on a switch shows it here; the page at that address knows where its switches lead from there.
async function switchTo(link) {
  history.replaceState(null, "", link.href.split("#")[0]);
  const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!reply.ok) return location.reload();
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  for (const name of KEPT) {
    const [ours, theirs] = [document, page].map((each) => each.getElementById(`chart-${name}`));
    if (ours && theirs) ours.replaceChildren(...[...theirs.childNodes].map((node) => document.importNode(node, true)));
  }
  document.querySelector(`[data-switch="${CSS.escape(link.dataset.switch)}"]`)?.focus();
  byId("plot").ariaLabel = page.getElementById("plot").ariaLabel;
  await redraw();
}

const redraw = inTurn(async () => {
  for (const name of ["scaling", "lanes"]) await draw(name).catch((error) => console.info(name, error.message));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("#scaling [data-switch]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  switchTo(link).catch(() => location.assign(link.href));
});
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "plot" || !rows.length || !/^(Arrow|Home|End)/.test(event.key)) return;
  event.preventDefault();
  look(walk(event.key), true);
});
document.addEventListener("pointermove", (event) => {
  const plot = event.target.closest?.("#plot");
  if (plot && drawn.scaling) look(nearest(plot, event, drawn.scaling.view), false);
});
dark.addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
document.body.addEventListener("htmx:afterSwap", redraw);
(window.requestIdleCallback ?? setTimeout)(redraw);
