// Makes app/static/vendor: one bundle of Vega, the files of htmx and idiomorph as they are published, and vendor.json.
// Makes tests/vendor, which no page loads: axe-core as it is published, and its vendor.json.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const OUT = new URL("../../app/static/vendor/", import.meta.url);
const TESTS = new URL("../../tests/vendor/", import.meta.url);
const about = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`));
const sha256 = (file, folder) => createHash("sha256").update(readFileSync(new URL(file, folder))).digest("hex");
const write = (file, folder, entries) => writeFileSync(new URL(file, folder), `${JSON.stringify(entries, null, 2)}\n`);

function licence(name) {
  const own = `${name.replace("/", "-")}.LICENSE`; // of a package that is published without its text
  if (existsSync(own)) return readFileSync(own, "utf8");
  const file = readdirSync(`node_modules/${name}`).find((each) => /^licen[cs]e/i.test(each));
  const { version, license } = about(name);
  const text = file ? readFileSync(`node_modules/${name}/${file}`, "utf8").trim() : `Licence: ${license}`;
  return `${name} ${version} (${license})\n\n${text}\n`;
}

const licenceFile = (file) => `${file.split(".")[0].replace("-ext", "")}.LICENSE`;

function entry(name, file, from, folder = OUT) {
  const { version, license } = about(name);
  const text = licenceFile(file);
  const sums = { sha256: sha256(file, folder), licence_file: text, licence_sha256: sha256(text, folder) };
  return { name, version, licence: license, file, from, ...sums };
}

const { metafile } = await build({
  entryPoints: ["vega.mjs"],
  outfile: new URL("vega.min.js", OUT).pathname,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  metafile: true,
});
const inside = (path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1];
const bundled = [...new Set(Object.keys(metafile.inputs).map(inside).filter(Boolean))].sort();
writeFileSync(new URL("vega.LICENSE", OUT), bundled.map(licence).join(`\n${"-".repeat(80)}\n\n`));

const copied = [
  ["htmx.org", "htmx.min.js", "dist/htmx.min.js"],
  ["idiomorph", "idiomorph-ext.min.js", "dist/idiomorph-ext.min.js"],
];
for (const [name, file, from] of copied) {
  copyFileSync(`node_modules/${name}/${from}`, new URL(file, OUT));
  writeFileSync(new URL(licenceFile(file), OUT), licence(name));
}
const vega = ["vega", "vega-lite", "vega-embed", "vega-interpreter"].map((name) => `${name} ${about(name).version}`);
const entries = [
  ...copied.map(([name, file, from]) => entry(name, file, `${from} of the npm package`)),
  {
    ...entry("vega", "vega.min.js", `bundled by scripts/vendor: ${vega.join(", ")} and what they need; see vega.LICENSE`),
    contains: bundled.map((name) => ({ name, version: about(name).version, licence: about(name).license })),
  },
];
write("vendor.json", OUT, entries);

mkdirSync(TESTS, { recursive: true });
copyFileSync("node_modules/axe-core/axe.min.js", new URL("axe.min.js", TESTS));
const others = readFileSync("node_modules/axe-core/LICENSE-3RD-PARTY.txt", "utf8").trim();
writeFileSync(new URL("axe.LICENSE", TESTS), `${licence("axe-core")}\n${"-".repeat(80)}\n\n${others}\n`);
write("vendor.json", TESTS, [entry("axe-core", "axe.min.js", "axe.min.js of the npm package, which names its source", TESTS)]);
