// Writes a brotli twin of each text beside it, which the gateway sends instead, and fails the build where a page's first
// load of script or style has grown past its budget.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const out = new URL("../out/", import.meta.url).pathname;
const KB = 1024;

/** Compressed script of a page's first load; what is loaded when needed is not in it. */
const SCRIPT_KB = {
  ...{ "": 230, chat: 230, compare: 230 },
  ...{ models: 210, model: 210, usage: 210, generation: 210, generations: 210 },
};
const OTHER_SCRIPT_KB = 190;
const STYLE_KB = 12;

/** Smaller ones fit into a packet either way. */
const LEAST = 1000;

const compress = promisify(brotliCompress);
const sizes = new Map();
const files = (await readdir(out, { recursive: true })).filter((name) => /\.(?:html|js|css|svg|txt|json)$/.test(name));
await Promise.all(
  files.map(async (name) => {
    const text = await readFile(join(out, name));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length };
    const small = await compress(text, { params });
    sizes.set(`/${name}`, Math.min(small.length, text.length));
    if (text.length >= LEAST && small.length < text.length) {
      await writeFile(join(out, `${name}.br`), small);
    }
  }),
);

const over = [];
for (const name of files.filter((file) => file.endsWith("index.html"))) {
  const html = await readFile(join(out, name), "utf8");
  const page = name.replace(/\/?index\.html$/, "");
  // Browsers that run these pages leave `nomodule` scripts where they are.
  const script = sum(html, /<script(?![^>]*\snomodule)[^>]*\ssrc="([^"?]+)/gi);
  const style = sum(html, /<link[^>]*\srel="stylesheet"[^>]*\shref="([^"?]+)/gi);
  const budget = SCRIPT_KB[page] ?? OTHER_SCRIPT_KB;
  console.log(`/${page}: ${script.toFixed(1)} of ${budget} KB script, ${style.toFixed(1)} of ${STYLE_KB} KB style`);
  if (script > budget || style > STYLE_KB) {
    over.push(`/${page}`);
  }
}
if (over.length > 0) {
  throw new Error(`over the budget of a first load: ${over.join(", ")}`);
}

function sum(html, pattern) {
  const unique = new Set([...html.matchAll(pattern)].map(([, address]) => address));
  return [...unique].reduce((bytes, address) => bytes + (sizes.get(address) ?? 0), 0) / KB;
}
