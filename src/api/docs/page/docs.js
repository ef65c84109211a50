// Shows /openapi.json. Text becomes text nodes, never markup, so nothing that a document says can run.

const api = await (await fetch("/openapi.json")).json();
const content = document.getElementById("content");
const index = document.getElementById("index");
const verbs = ["get", "post", "patch", "put", "delete"];

/** An element with attributes and children; strings become text. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** The little Markdown that comments hold: paragraphs, lists, and code between backticks. */
function prose(text) {
  const blocks = [];
  for (const line of (text ?? "").split("\n").filter((line) => line.trim() !== "")) {
    if (!line.startsWith("- ")) {
      blocks.push(make("p", {}, inline(line)));
      continue;
    }
    if (blocks.at(-1)?.tagName !== "UL") {
      blocks.push(make("ul"));
    }
    blocks.at(-1).append(make("li", {}, inline(line.slice(2))));
  }
  return blocks;
}

function inline(text) {
  return text.split("`").map((piece, at) => (at % 2 === 1 ? make("code", {}, piece) : piece));
}

/** What a reference stands for, with what is said beside it. */
function resolve(value) {
  if (!value?.$ref) {
    return value ?? {};
  }
  const found = value.$ref.slice(2).split("/").reduce((place, step) => place[step], api);
  return { ...found, ...value, $ref: undefined };
}

const named = (schema) => schema?.$ref?.split("/").at(-1);

/** A schema's type in a few words, with links to the schemas it names. */
function type(schema) {
  const name = named(schema);
  if (name) {
    return [make("a", { href: `#schema-${name}` }, name)];
  }
  const cases = schema.anyOf ?? [];
  if (cases.length > 0) {
    return cases.flatMap((one, at) => [at > 0 ? " or " : "", ...type(one)]);
  }
  const kinds = [schema.type ?? (schema.const !== undefined ? "string" : "any")].flat().filter((kind) => kind !== "null");
  if (kinds.includes("array")) {
    return ["list of ", ...type(schema.items ?? {})];
  }
  if (schema.additionalProperties?.type || schema.additionalProperties?.$ref) {
    return ["map to ", ...type(schema.additionalProperties)];
  }
  const words = schema.const ?? schema.enum?.filter((word) => word !== null).join(" | ");
  return [words ?? kinds.join(" or ") + (schema.format ? ` (${schema.format})` : "")];
}

/** Rows of a name, a type and what it is. Fields of an object without a name of its own unfold. */
function fields(schema) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, field]) =>
    row(name, field, required.has(name), field.description, unnamed(field)),
  );
}

function unnamed(schema) {
  const inner = [schema, schema.items ?? {}, ...(schema.anyOf ?? [])].find((one) => one.properties);
  return inner ? make("details", { class: "nested" }, make("summary", {}, "Fields"), list(fields(inner))) : null;
}

function row(name, schema, required, about, more) {
  return make(
    "div",
    { class: "row" },
    make(
      "dt",
      {},
      make("code", {}, name),
      make("span", { class: "quiet" }, type(schema)),
      required ? make("span", { class: "must" }, "required") : null,
    ),
    make("dd", {}, prose(about), more),
  );
}

const list = (rows) => make("dl", {}, rows);
const titled = (title, ...parts) => [make("h4", {}, title), ...parts];

/** The body of a request or an answer: each media type, and a schema's fields where it has a name. */
function media(body) {
  return Object.entries(body.content ?? {}).flatMap(([name, { schema, example, ...more }]) => {
    const parts = [make("p", {}, make("code", {}, name), " ", make("span", { class: "quiet" }, type(schema ?? {})))];
    parts.push(...(named(schema) ? [] : prose(schema?.description)));
    const events = Object.entries(more["x-event-schemas"] ?? {});
    if (events.length > 0) {
      const data = list(events.map(([event, data]) => row(event, data)));
      parts.push(make("details", { class: "nested" }, make("summary", {}, "Data of each event"), data));
    }
    return example ? [...parts, make("pre", {}, example)] : parts;
  });
}

/** How one would ask on a command line. */
function curl(path, verb, operation) {
  const words = [`curl ${location.origin}${path}`];
  if (verb !== "get" && verb !== "post") {
    words[0] = `curl -X ${verb.toUpperCase()} ${location.origin}${path}`;
  }
  if (operation.security?.length !== 0) {
    words.push(`-H "authorization: Bearer $KEY"`);
  }
  const schema = resolve(operation.requestBody?.content?.["application/json"]?.schema);
  if (operation.requestBody || verb === "post") {
    words.push(`-d '${JSON.stringify(example(schema))}'`);
  }
  return words.join(" \\\n  ");
}

/** A small value that fits a schema: what is required, and no more. */
function example(schema, depth = 0) {
  const whole = resolve(schema);
  if (whole.const !== undefined || whole.enum) {
    return whole.const ?? whole.enum[0];
  }
  if (whole.anyOf) {
    return example(whole.anyOf[0], depth);
  }
  const kind = [whole.type].flat()[0];
  if (kind === "object") {
    const fields = (whole.required ?? []).filter(() => depth < 4);
    const values = fields.map((name) => [name, example(whole.properties[name], depth + 1)]);
    const said = whole.properties?.role && whole.properties?.content ? { role: "user", content: "hello" } : {};
    return { ...Object.fromEntries(values), ...said };
  }
  const plain = { array: () => [example(whole.items, depth + 1)], integer: () => 1, number: () => 1, boolean: () => true };
  return plain[kind]?.() ?? "…";
}

function operation(path, verb, described) {
  const parameters = (described.parameters ?? []).map(resolve);
  const section = (place, title) => {
    const rows = parameters.filter((one) => one.in === place);
    return rows.length === 0 ? [] : titled(title, list(rows.map((one) => row(one.name, one.schema, one.required, one.description))));
  };
  const answers = Object.entries(described.responses).map(([status, answer]) => {
    const whole = resolve(answer);
    const summary = make("summary", {}, make("code", {}, status));
    return make("details", { class: "status", ...(status === "200" ? { open: "" } : {}) }, summary, prose(whole.description), media(whole));
  });
  return make(
    "details",
    { class: "operation", id: described.operationId },
    make("summary", {}, make("span", { class: `verb ${verb}` }, verb), make("code", {}, path), make("span", { class: "quiet" }, inline(described.summary))),
    make(
      "div",
      { class: "inner" },
      prose(described.description),
      make("pre", {}, curl(path, verb, described)),
      section("path", "Path"),
      section("query", "Query"),
      section("header", "Headers"),
      described.requestBody ? titled("Body", media(described.requestBody)) : [],
      titled("Answers", answers),
    ),
  );
}

function schema(name, described) {
  const object = described.properties ? described : (described.anyOf ?? []).find((one) => one.properties);
  return make(
    "details",
    { class: "schema", id: `schema-${name}` },
    make("summary", {}, make("code", {}, name)),
    make("div", { class: "inner" }, prose(described.description), object ? list(fields(object)) : make("p", {}, type(described))),
  );
}

function group(title, about, entries) {
  content.append(make("h2", {}, title), ...prose(about), ...entries.map((entry) => entry.element));
  const links = entries.map(({ element, label }) => make("li", {}, make("a", { href: `#${element.id}` }, label)));
  index.append(make("section", {}, make("h2", {}, title), make("ul", {}, links)));
}

function render() {
  const { title, version, description } = api.info;
  content.replaceChildren(
    make("h1", {}, title),
    make("p", { class: "quiet" }, `Version ${version}, `, make("a", { href: "/openapi.json" }, "OpenAPI document")),
    ...prose(description),
  );
  const all = Object.entries(api.paths).flatMap(([path, item]) =>
    verbs.filter((verb) => item[verb]).map((verb) => ({ path, verb, described: item[verb] })),
  );
  for (const tag of api.tags) {
    const ours = all.filter(({ described }) => described.tags.includes(tag.name));
    group(tag.name, tag.description, ours.map(({ path, verb, described }) => ({
      element: operation(path, verb, described),
      label: described.summary.replaceAll("`", ""),
    })));
  }
  const schemas = Object.entries(api.components.schemas);
  group("Schemas", "", schemas.map(([name, described]) => ({ element: schema(name, described), label: name })));
}

/** Opens what the address names. */
function unfold() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named?.tagName === "DETAILS") {
    named.open = true;
    named.scrollIntoView();
  }
}

/** Leaves what holds the words, in the index and beside it. */
function search(words) {
  const wanted = words.toLowerCase();
  for (const link of index.querySelectorAll("a")) {
    const element = document.getElementById(link.hash.slice(1));
    const found = `${link.textContent} ${element.querySelector("summary").textContent}`.toLowerCase().includes(wanted);
    link.parentElement.hidden = !found;
    element.hidden = !found;
  }
}

render();
unfold();
addEventListener("hashchange", unfold);
document.getElementById("search").addEventListener("input", (event) => search(event.target.value));
