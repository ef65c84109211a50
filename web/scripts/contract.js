// Writes src/lib/contract.gen.ts: TypeScript of openapi.json, which is what `generative-gateway openapi` prints.
// With --check it writes nothing and fails where that file is another.
//
// The document tells what requests may hold and answers do hold in one schema; these pages want the narrower shape
// that answers have and that requests are free to have. It is narrowed here, by rules, never by a list of types.
import { readFile, writeFile } from "node:fs/promises";

import openapi, { astToString } from "openapi-typescript";
import ts from "typescript";

const folder = new URL("../", import.meta.url);
const document = JSON.parse(await readFile(new URL("openapi.json", folder), "utf8"));
const made = new URL("src/lib/contract.gen.ts", folder);
const { schemas } = document.components;
const sums = new Set();

for (const schema of Object.values(schemas)) {
  partsAreObjects(schema);
  casesAreApart(schema);
  keptThingsHaveIds(schema);
  sumsAreNumbers(schema);
}
eventsAreOneType();

const narrowed = { openapi: document.openapi, info: document.info, paths: {}, components: { schemas } };
const types = astToString(await openapi(narrowed, { transform: (schema) => schema["x-number"] && number() }));
const names = [...sums].toSorted().map((name) => `  "${name}",\n`);
const text = `// Made of openapi.json by scripts/contract.js.

${types}
/** Names of 64-bit sums, which JSON carries as strings. */
export const SUMS: ReadonlySet<string> = new Set([
${names.join("")}]);
`;
if (!process.argv.includes("--check")) {
  await writeFile(made, text);
} else if ((await readFile(made, "utf8")) !== text) {
  console.error("src/lib/contract.gen.ts is not what openapi.json says: run `make contract`");
  process.exitCode = 1;
}

function number() {
  return ts.factory.createKeywordTypeNode(ts.SyntaxKind.NumberKeyword);
}

/** Where a bare string may stand for a text part, answers have the part. */
function partsAreObjects(schema) {
  for (const [name, { anyOf, description }] of Object.entries(schema.properties ?? {})) {
    const list = anyOf?.find(({ items }) => items?.anyOf);
    if (list) {
      schema.properties[name] = { description, type: "array", items: list.items.anyOf.find((item) => "$ref" in item) };
    }
  }
}

/** Of fields that exclude each other one is there: a union tells them apart, which optional fields do not. */
function casesAreApart(schema) {
  const cases = schema.oneOf?.flatMap(({ required }) => required ?? []);
  if (cases?.every((name) => schema.properties?.[name])) {
    const all = schema.properties;
    const beside = Object.keys(all).filter((name) => !cases.includes(name));
    const only = (names, required) => ({
      type: "object",
      required,
      properties: Object.fromEntries(names.map((name) => [name, all[name]])),
    });
    delete schema.properties;
    delete schema.additionalProperties;
    delete schema.type;
    delete schema.oneOf;
    schema.allOf = [{ oneOf: cases.map((name) => only([name], [name])) }, ...(beside.length > 0 ? [only(beside, [])] : [])];
  }
}

/** What is left out is empty, and the id of what is kept never is. */
function keptThingsHaveIds(schema) {
  const { id, create_time: time } = schema.properties ?? {};
  if (id && time) {
    schema.required = ["id", ...(schema.required ?? [])];
  }
}

/** Sums are read as numbers: none comes near 2^53. A seed may be any of 64 bits and stays a string. */
function sumsAreNumbers(schema) {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (/^u?int64$/.test(property.format ?? "") && name !== "seed") {
      property["x-number"] = true;
      sums.add(name);
    }
  }
}

/** The data of each event by its name, which the document tells beside the stream. */
function eventsAreOneType() {
  const stream = document.paths["/api/v1/chat"].post.responses["200"].content["text/event-stream"];
  const properties = structuredClone(stream["x-event-schemas"]);
  schemas.ChatEvents = { type: "object", required: Object.keys(properties), properties };
}
