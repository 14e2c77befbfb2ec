// Draws the throughput once the page stands, feeds it while the job runs, lets arrow keys walk through it.
const figure = document.querySelector("[data-chart]");
const { chart, own, vega } = figure.dataset;
const { feed, follower, inTurn } = await import(figure.dataset.feed);
const part = (selector) => figure.querySelector(selector);
const [plot, legend, readout, table, details] = [".plot", ".nodes", ".readout", "table", "details"].map(part);
const dark = matchMedia("(prefers-color-scheme: dark)");
const NOTHING = { nodes: [], rates: [], cursor: "" };
let known = NOTHING;
let view = null;
let unit_s = 1;
let place = -1;

const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
const short = (number) =>
  number >= 100 ? Math.round(number).toLocaleString("en") : String(Number(number.toPrecision(3)));
const sum = (numbers) => numbers.reduce((all, each) => all + each, 0);

async function json(url) {
  const reply = await fetch(url, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(reply.status);
  return reply.json();
}

function span(row) {
  const start = row * known.bin_s;
  return [start, row === known.rates.length - 1 ? known.ends_s : start + known.bin_s];
}

function rows() {
  return known.rates.flatMap((rates, row) => {
    const [from_s, to_s] = span(row);
    return rates.map((per_s, place) => ({ from_s, to_s, node: known.nodes[place], place, per_s }));
  });
}

function words(row) {
  const nodes = known.nodes.length > 1;
  return [span(row).map(short).join(" to "), short(sum(known.rates[row])), ...(nodes ? known.rates[row].map(short) : [])];
}

function headings() {
  return ["Seconds", "Items/s", ...(known.nodes.length > 1 ? known.nodes : [])];
}

const made = (kind, text, className = "") => Object.assign(document.createElement(kind), { textContent: text, className });

function line(kind, cells) {
  const row = document.createElement("tr");
  row.append(...cells.map((text) => made(kind, text)));
  return row;
}

function fill() {
  if (!details.open) return;
  table.tHead.replaceChildren(line("th", headings()));
  table.tBodies[0].replaceChildren(...known.rates.map((_, row) => line("td", words(row))));
}

const draw = inTurn(drawn);

async function drawn() {
  if (!known.rates.length) return;
  const [library, spec] = await Promise.all([import(vega), json(`${chart}?theme=${theme()}`)]);
  unit_s = spec.usermeta.unit_s;
  spec.data.values = rows();
  const { embed, expressionInterpreter } = library;
  const options = { ast: true, expr: expressionInterpreter, renderer: "svg", actions: false, tooltip: false };
  view?.finalize();
  view = null; // until there is the new one
  ({ view } = await embed(plot, spec, { ...options, defaultStyle: false, hover: false }));
  legend.replaceChildren(...known.nodes.map((node, place) => made("li", node, `series-${place + 1}`)));
  plot.dataset.drawn = theme();
}

// Rates of other bins or other columns are not of one chart: then all is new.
async function ask() {
  const answer = await feed("series", own, known.cursor, "The chart");
  const isSame = answer.bin_s === known.bin_s && String(answer.nodes) === String(known.nodes);
  const kept = isSame ? known.rates.slice(0, answer.first_bin) : [];
  if (answer.first_bin > kept.length) return (known = NOTHING), ask();
  const isFed = isSame && known.rates.length > 1 && view; // one bin is drawn as a bar, several as an area
  known = { ...answer, rates: [...kept, ...answer.rates_per_s] };
  fill();
  return isFed ? view.data("bins", rows()).runAsync() : draw();
}

const isEnded = () => !document.querySelector("#live")?.hasAttribute("hx-get"); // then no swap asks again

const follow = follower(ask, () => known.is_final, isEnded, (words) => (readout.textContent = words));

function look(row, isByKey) {
  readout.ariaLive = isByKey ? "polite" : "off"; // a pointer's way would be read out for minutes
  place = Math.max(0, Math.min(row, known.rates.length - 1));
  const [from_s, to_s] = span(place);
  const [when, all, ...nodes] = words(place);
  const each = nodes.map((rate, index) => `${known.nodes[index]} ${rate}`).join(", ");
  readout.textContent = `${when} s: ${all} items/s${each ? ` (${each})` : ""}`;
  view.data("pointer", [{ from_s, to_s }]).runAsync();
}

plot.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: Infinity };
  if (!view || !(event.key in steps)) return;
  event.preventDefault();
  look(steps[event.key], true);
});
plot.addEventListener("pointermove", (event) => {
  if (!view) return;
  const x = event.clientX - plot.getBoundingClientRect().left - view.origin()[0];
  look(Math.floor((view.scale("x").invert(x) * unit_s) / known.bin_s), false);
});
plot.addEventListener("pointerleave", () => view?.data("pointer", [{ from_s: 0, to_s: 0, is_hidden: true }]).runAsync());
details.addEventListener("toggle", fill);
const redraw = () => draw().catch(() => {}); // in the colours it had
dark.addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
document.body.addEventListener("htmx:afterSwap", follow);
(window.requestIdleCallback ?? setTimeout)(follow);
