// Paints tiles on the canvas as their chunks end: nothing is drawn twice but what may have come late.
const canvas = document.querySelector("canvas[data-tiles]");
const context = canvas.getContext("2d");
const pause = (ms) => new Promise((wake) => setTimeout(wake, ms));
let palette = null;
let cursor = null;

const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function begin(answer) {
  canvas.width = answer.width;
  canvas.height = answer.height;
  const rgb = bytes(answer.palette);
  palette = new Uint32Array(256);
  const channels = new Uint8Array(palette.buffer);
  for (let index = 0; index < 256; index++) channels.set([...rgb.subarray(3 * index, 3 * index + 3), 255], 4 * index);
}

function draw(tile) {
  const image = context.createImageData(tile.width, tile.height);
  const pixels = new Uint32Array(image.data.buffer);
  bytes(tile.shades).forEach((shade, index) => (pixels[index] = palette[shade]));
  context.putImageData(image, tile.left, tile.top);
}

async function ask() {
  const url = cursor === null ? canvas.dataset.tiles : `${canvas.dataset.tiles}?since=${cursor}`;
  const reply = await fetch(url, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(reply.status);
  const answer = await reply.json();
  if (answer.palette && !palette) begin(answer);
  answer.tiles.forEach(draw);
  cursor = answer.cursor ?? cursor;
  return answer;
}

for (;;) {
  const answer = await ask().catch(() => ({ failed: true }));
  if (answer.is_final && !answer.has_more) break;
  await pause(answer.has_more ? 0 : answer.failed ? 3000 : document.hidden ? 10000 : 700);
}
