// Moves the inline scripts that Next.js writes into files, so that pages run under `script-src 'self'` without a
// list of hashes; fails the build on anything else that such a policy would refuse.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const out = new URL("../out/", import.meta.url).pathname;
const folder = "_next/static/inline";

const refused = [
  [/<style\b/i, "a <style> element"],
  [/<[^>]+\sstyle="/i, "a style attribute"],
  [/<[^>]+\son[a-z]+="/i, "an event attribute"],
  [/<script\b(?![^>]*\ssrc=)[^>]*>/i, "an inline script"],
  [/<(?:script|link|img|iframe)\b[^>]*\s(?:src|href)="(?:https?:)?\/\//i, "an address of another origin"],
];

// Every browser that runs these pages takes woff2; the other shapes of KaTeX's fonts are never asked for.
for (const name of await readdir(join(out, "_next/static/media"))) {
  if (/^KaTeX.*\.(?:woff|ttf)$/.test(name)) {
    await rm(join(out, "_next/static/media", name));
  }
}

await mkdir(join(out, folder), { recursive: true });
const pages = (await readdir(out, { recursive: true })).filter((name) => name.endsWith(".html"));
let moved = 0;
for (const page of pages) {
  const html = await externalize(await readFile(join(out, page), "utf8"));
  for (const [pattern, what] of refused) {
    if (pattern.test(html)) {
      throw new Error(`${page} holds ${what}, which the content security policy refuses`);
    }
  }
  await writeFile(join(out, page), html);
}
console.log(`moved ${moved} inline scripts out of ${pages.length} pages`);

/** The page with each inline script as a file, in place and in order. */
async function externalize(html) {
  const scripts = [...html.matchAll(/<script((?![^>]*\ssrc=)[^>]*)>([\s\S]*?)<\/script>/g)];
  for (const [element, attributes, body] of scripts) {
    const name = `${folder}/${createHash("sha256").update(body).digest("hex").slice(0, 16)}.js`;
    await writeFile(join(out, name), body);
    html = html.replace(element, () => `<script${attributes} src="/${name}"></script>`);
    moved += 1;
  }
  return html;
}
