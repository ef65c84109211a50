// Runs in a worker: code in, lines of coloured pieces out.
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import go from "highlight.js/lib/languages/go";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import protobuf from "highlight.js/lib/languages/protobuf";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";

import type { Line } from "./highlight";

const lowlight = createLowlight({
  ...{ bash, c, cpp, csharp, css, diff, go, java, javascript, json, kotlin, markdown, php, protobuf, python, ruby, rust },
  ...{ shell, sql, swift, typescript, xml, yaml },
});
lowlight.registerAlias({ typescript: ["tsx"], javascript: ["jsx"], xml: ["html", "svg"] });

const COLOURS: Record<string, string> = {
  ...of("sx-key", "keyword meta tag selector-tag doctag deletion"),
  ...of("sx-str", "string regexp addition symbol char"),
  ...of("sx-num", "number literal attr attribute variable property built_in"),
  ...of("sx-com", "comment quote"),
  ...of("sx-fn", "title function_ name class_ section type selector-class selector-id"),
};

function of(colour: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map((name) => [name, colour]));
}

interface Node {
  type: string;
  value?: string;
  children?: Node[];
  properties?: { className?: string[] };
}

function lines(tree: Node): Line[] {
  const found: Line[] = [[]];
  function walk(node: Node, colour: string | undefined): void {
    const own = node.properties?.className?.map((name) => COLOURS[name.replace(/^hljs-/, "")]).find(Boolean) ?? colour;
    node.value?.split("\n").forEach((text, at) => {
      if (at > 0) {
        found.push([]);
      }
      if (text) {
        found.at(-1)?.push([text, own]);
      }
    });
    node.children?.forEach((child) => walk(child, own));
  }
  walk(tree, undefined);
  return found;
}

onmessage = ({ data: { id, code, language } }: MessageEvent<{ id: number; code: string; language: string }>) => {
  const name = language.toLowerCase();
  const known = lowlight.registered(name);
  postMessage({ id, lines: known ? lines(lowlight.highlight(name, code) as Node) : null });
};
