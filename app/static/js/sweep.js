// Draws a sweep's charts, again whenever a window ends; switches what they show in place; arrow keys walk the points.
const { feed, vega } = document.querySelector("[data-vega]").dataset;
const { inTurn } = await import(feed);
const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
const figureOf = (name) => document.querySelector(`#${name}`);
const KEPT = ["metrics", "curves", "toggles", "exports"]; // controls whose addresses follow from what is shown
const drawn = {}; // figure -> what it shows: address and view
let library;
let rows = []; // points, one after the other
let place = null;
let noPointer = false; // a chart of two sweeps has none

// The address of the spec: the figure's own, looked at as the page's address says.
function address(figure) {
  const url = new URL(figure.dataset.spec, location.href);
  if (figure.querySelector("[data-switch]")) url.search = location.search;
  url.searchParams.set("theme", theme());
  return url.href;
}

async function draw(name) {
  const figure = figureOf(name);
  if (!figure) return;
  const url = address(figure);
  const version = `${url} ${figure.dataset.version}`;
  if (drawn[name]?.version === version) return;
  const reply = await fetch(url, { headers: { Accept: "application/json" }, cache: "no-cache", redirect: "manual" });
  if (!reply.ok) return;
  const spec = await reply.json();
  library ??= await import(vega);
  const { embed, expressionInterpreter } = library;
  const options = { ast: true, expr: expressionInterpreter, renderer: "svg", actions: false, tooltip: false, logLevel: 1 };
  const plot = figure.querySelector(".plot");
  plot.style.minHeight = `${plot.offsetHeight}px`; // nothing below jumps while the old one makes way
  drawn[name]?.view.finalize();
  const { view } = await embed(plot, spec, { ...options, defaultStyle: false, hover: false });
  plot.style.minHeight = "";
  plot.dataset.drawn = theme();
  drawn[name] = { version, view };
  if (name === "scaling") noPointer = !spec.layer.some(({ data }) => data?.name === "pointer");
  if (name === "scaling") tell(spec);
}

function tell({ usermeta }) {
  const figure = figureOf("scaling");
  rows = drawn.scaling.view.data("points").map((row) => ({ ...row, key: row.key ?? row.line }));
  if (place) look(rows.find((row) => row.key === place.key && row.workers === place.workers) ?? null, false);
  if (!usermeta?.curves) return;
  const looks = new Map(usermeta.curves.map((curve) => [curve.key, curve]));
  for (const link of figure.querySelectorAll("[data-key]")) {
    const curve = looks.get(link.dataset.key);
    if (curve) link.className = curve.is_shown ? `series-${curve.series}` : "off";
  }
  const notes = usermeta.notes.map((words) => Object.assign(document.createElement("p"), { textContent: words, className: "minor" }));
  figure.querySelector(".notes")?.replaceChildren(...notes);
}

function look(row, isByKey) {
  const readout = document.querySelector("#readout");
  place = row;
  if (!noPointer) drawn.scaling.view.data("pointer", row ? [row] : []).runAsync();
  if (!row) return;
  readout.ariaLive = isByKey ? "polite" : "off"; // a pointer's way would be read out for minutes
  readout.textContent = row.label;
}

// Left and right along a curve, up and down to the next curve at the nearest number of workers.
function walk(key) {
  const curves = [...new Set(rows.map((row) => row.key))];
  const own = place ? rows.filter((row) => row.key === place.key) : [];
  const at = own.findIndex((row) => row.workers === place?.workers);
  if (!place || at < 0) return rows[0];
  if (key === "ArrowRight") return own[Math.min(at + 1, own.length - 1)];
  if (key === "ArrowLeft") return own[Math.max(at - 1, 0)];
  if (key === "Home" || key === "End") return own.at(key === "Home" ? 0 : -1);
  const step = key === "ArrowDown" ? 1 : -1;
  const next = curves[(curves.indexOf(place.key) + step + curves.length) % curves.length];
  const near = (row) => Math.abs(Math.log(row.workers / place.workers));
  return rows.filter((row) => row.key === next).reduce((best, row) => (near(row) < near(best) ? row : best));
}

function nearest(event, view) {
  const box = event.currentTarget.getBoundingClientRect();
  const [left, top] = view.origin();
  const [x, y] = [view.scale("x"), view.scale("y")];
  const away = (row) => Math.hypot(x(row.workers) + left - event.clientX + box.left, y(row.value) + top - event.clientY + box.top);
  const found = rows.reduce((best, row) => (best && away(best) <= away(row) ? best : row), null);
  return found && away(found) < 40 ? found : null;
}

// A press on a switch shows it here; the page at that address knows where its switches lead from there.
async function switchTo(link) {
  history.replaceState(null, "", link.href.split("#")[0]);
  const reply = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!reply.ok) return location.reload();
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const focused = link.dataset.switch;
  for (const name of KEPT) {
    const [ours, theirs] = [document, page].map((each) => each.querySelector(`#chart-${name}`));
    if (ours && theirs) ours.replaceChildren(...[...theirs.childNodes].map((node) => document.importNode(node, true)));
  }
  document.querySelector(`[data-switch="${CSS.escape(focused)}"]`)?.focus();
  figureOf("scaling").querySelector(".plot").ariaLabel = page.querySelector("#plot").ariaLabel;
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
  if (event.target.id !== "plot" || !rows.length) return;
  if (!["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
  event.preventDefault();
  look(walk(event.key), true);
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea, dialog");
  if (event.key !== "t" || isTyping || event.ctrlKey || event.metaKey || event.altKey || document.body.dataset.keys === "off") return;
  const table = document.querySelector("#points-table");
  if (table) table.open = !table.open;
});
document.addEventListener("pointermove", (event) => {
  const plot = event.target.closest?.("#plot");
  if (plot && drawn.scaling) look(nearest({ clientX: event.clientX, clientY: event.clientY, currentTarget: plot }, drawn.scaling.view), false);
});
dark.addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
document.body.addEventListener("htmx:afterSwap", redraw);
(window.requestIdleCallback ?? setTimeout)(redraw);
