// The sums behind the colours: text can be read on every background, series can be told apart by every eye.
import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

type Triple = [number, number, number];

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
const THEMES = { light: tokens(":root"), dark: { ...tokens(":root"), ...tokens('[data-theme="dark"]') } };
const BACKGROUNDS = ["canvas", "surface", "sunken", "raised", "hover", "bubble"];
const SERIES = ["c1", "c2", "c3", "c4", "c5", "c6", "c7"];

/** Light as an eye without one kind of cone gets it, from linear sRGB: Machado, Oliveira and Fernandes, 2009. */
const EYES: Record<string, Triple[]> = {
  usual: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

function tokens(selector: string): Record<string, Triple> {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf("}", start));
  const found = block.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g);
  return Object.fromEntries([...found].map(([, name, ...parts]) => [name, parts.map(Number) as Triple]));
}

// https://bottosson.github.io/posts/oklab/
function linear([lightness, chroma, hue]: Triple): Triple {
  const angle = (hue * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

function oklab([red, green, blue]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const dot = (one: Triple, other: Triple) => one[0] * other[0] + one[1] * other[1] + one[2] * other[2];

/** Contrast as WCAG 2.2 defines it. */
function contrast(one: Triple, other: Triple): number {
  const [a, b] = [one, other].map((colour) => 0.05 + dot(linear(colour), [0.2126, 0.7152, 0.0722])) as [number, number];
  return Math.max(a, b) / Math.min(a, b);
}

function distance(one: Triple, other: Triple, eye: Triple[]): number {
  const seen = (colour: Triple) => {
    const light = linear(colour);
    return oklab(eye.map((row) => Math.min(1, Math.max(0, dot(row as Triple, light)))) as Triple);
  };
  const [a, b] = [seen(one), seen(other)];
  return 100 * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

describe.each(Object.entries(THEMES))("%s", (_, theme) => {
  const of = (name: string) => theme[name] ?? expect.unreachable(`there is no token ${name}`);

  test.each(["text", "text-2", "text-3", "accent-text", "good", "warn", "bad", "sx-key", "sx-str", "sx-num", "sx-com", "sx-fn"])(
    "%s can be read on every background",
    (name) => {
      for (const background of BACKGROUNDS) {
        expect(contrast(of(name), of(background)), background).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  test("states can be read on their own soft fill, and what stands on the accent", () => {
    for (const name of ["good", "warn", "bad"]) {
      expect(contrast(of(name), of(`${name}-soft`)), name).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(of("accent-text"), of("accent-soft"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of("on-accent"), of("accent"))).toBeGreaterThanOrEqual(4.5);
  });

  test("outlines of fields and series stand out", () => {
    for (const background of BACKGROUNDS) {
      expect(contrast(of("line-strong"), of(background)), background).toBeGreaterThanOrEqual(3);
    }
    for (const name of SERIES) {
      expect(contrast(of(name), of("surface")), name).toBeGreaterThanOrEqual(3);
    }
  });

  test.each(Object.entries(EYES))("series are told apart, %s", (_, eye) => {
    for (const [at, one] of SERIES.entries()) {
      for (const other of SERIES.slice(at + 1)) {
        expect(distance(of(one), of(other), eye), `${one} and ${other}`).toBeGreaterThanOrEqual(11);
      }
    }
  });

  test("every colour is within sRGB", () => {
    for (const [name, colour] of Object.entries(theme)) {
      for (const light of linear(colour)) {
        expect(light, name).toBeGreaterThanOrEqual(-0.001);
        expect(light, name).toBeLessThanOrEqual(1.001);
      }
    }
  });
});
