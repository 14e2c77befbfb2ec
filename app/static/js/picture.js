// Paints tiles on the canvas as their chunks end, and colours the picture by node when asked to.
const figure = document.querySelector("#picture");
const canvas = figure.querySelector("canvas");
const context = canvas?.getContext("2d");
const legend = figure.querySelector(".nodes");
const { feed, Refused } = canvas ? await import(canvas.dataset.feed) : {};
const links = [...figure.querySelectorAll("[data-by]")];
const pause = (ms) => new Promise((wake) => setTimeout(wake, ms));
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const tiles = new Map(); // by place: some are sent twice
let colours = null; // what the workload gave: 256 x RGB
let nodes = [];
let places = {}; // of the nodes in the legend, by their ids
let cursor = null;
let isByNode = links.some((link) => link.dataset.by && link.ariaCurrent);

function packed(rgb) {
  const pixels = new Uint32Array(256);
  const channels = new Uint8Array(pixels.buffer);
  for (let index = 0; index < 256; index++) channels.set([...rgb.subarray(3 * index, 3 * index + 3), 255], 4 * index);
  return pixels;
}

// Each colour as light as it was, in the colour of a node; app/paint.py does the same for the PNG
function tinted(place) {
  const tint = getComputedStyle(legend.children[place], "::before").backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number);
  const rgb = new Uint8Array(768);
  for (let at = 0; at < 768; at += 3) {
    const light = (0.2126 * colours[at] + 0.7152 * colours[at + 1] + 0.0722 * colours[at + 2]) / 255;
    tint.forEach((channel, k) => {
      rgb[at + k] = light < 0.5 ? channel * (0.3 + 1.4 * light) : channel + (255 - channel) * (light - 0.5) * 1.2;
    });
  }
  return rgb;
}

let palettes = new Map();
function palette(place) {
  const key = isByNode ? place : -1;
  if (!palettes.has(key)) palettes.set(key, packed(isByNode ? tinted(place) : colours));
  return palettes.get(key);
}

function draw(tile) {
  const image = context.createImageData(tile.width, tile.height);
  const pixels = new Uint32Array(image.data.buffer);
  const shown = palette(places[tile.node] ?? 0);
  tile.shades.forEach((shade, index) => (pixels[index] = shown[shade]));
  context.putImageData(image, tile.left, tile.top);
}

function name(names) {
  nodes = names;
  const items = names.map((text, k) => Object.assign(document.createElement("li"), { textContent: text, className: `series-${k + 1}` }));
  legend.replaceChildren(...items);
  if (isByNode) tiles.forEach(draw); // a node that joined may have moved the others' colours
}

async function ask() {
  const answer = await feed("tiles", canvas.dataset.own, cursor, "The picture");
  if (answer.palette && !colours) {
    [canvas.width, canvas.height, colours] = [answer.width, answer.height, bytes(answer.palette)];
  }
  const fresh = answer.tiles.map((tile) => ({ ...tile, shades: bytes(tile.shades) }));
  places = answer.places;
  if (String(answer.nodes) !== String(nodes)) name(answer.nodes);
  fresh.forEach(draw);
  for (const tile of fresh) tiles.set(`${tile.left},${tile.top}`, tile);
  cursor = answer.cursor ?? cursor;
  return answer;
}

function choose(event) {
  event.preventDefault();
  isByNode = this.dataset.by === "node";
  history.replaceState(null, "", this.href);
  for (const link of links) link.ariaCurrent = link === this ? "true" : null;
  legend.hidden = !isByNode;
  if (canvas) tiles.forEach(draw);
  else figure.querySelector("img").src = figure.querySelector("img").dataset[isByNode ? "byNode" : "plain"];
}

links.forEach((link) => link.addEventListener("click", choose));
const repaint = () => (palettes = new Map()) && isByNode && tiles.forEach(draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });

for (let failures = 0; canvas; ) {
  const answer = await ask().catch((error) => error);
  const isRefused = answer instanceof Refused;
  if (isRefused) Object.assign(figure.querySelector(".over"), { textContent: answer.message, hidden: false });
  if (isRefused || (answer.is_final && !answer.has_more)) break;
  failures = answer instanceof Error ? failures + 1 : 0;
  await pause(answer.has_more ? 0 : failures ? Math.min(30000, 1000 * 2 ** failures) : document.hidden ? 10000 : 1000);
}
