// Weighs the scripts that each exported page loads first, compressed; fails the build where a page is past its budget.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";

const out = new URL("../out/", import.meta.url).pathname;
const KIB = 1024;
/** In units of 1,024 bytes, brotli at its best. */
const BUDGETS = {
  ...{ chat: 230, compare: 230, models: 210, model: 210, usage: 210, generation: 210 },
  ...{ generations: 210, keys: 190, settings: 190 },
};

const sizes = new Map();

async function sizeOf(script) {
  const known = sizes.get(script);
  if (known !== undefined) {
    return known;
  }
  const size = brotliCompressSync(await readFile(join(out, script))).length;
  sizes.set(script, size);
  return size;
}

let over = false;
for (const [page, budget] of Object.entries(BUDGETS)) {
  const html = await readFile(join(out, page, "index.html"), "utf8");
  // Browsers that know modules, which is all that run these pages, leave `nomodule` scripts alone.
  const scripts = new Set([...html.matchAll(/<script(?![^>]*\bnomodule)[^>]*\ssrc="([^"]+)"/gi)].map(([, source]) => source));
  let size = 0;
  for (const script of scripts) {
    size += await sizeOf(script);
  }
  const weight = (size / KIB).toFixed(1);
  console.log(`${page.padEnd(12)} ${weight.padStart(6)} of ${budget} KiB`);
  over ||= size > budget * KIB;
}
if (over) {
  throw new Error("a page's scripts are past their budget");
}
