import { expect, test } from "vitest";

import { spoken } from "./spoken";
import { lex } from "./split";

test.each([
  ["# A **bold** [link](https://example.com)", ["A bold link"]],
  ["One\nline & `a < b`.", ["One line & a < b."]],
  ["- first *item*\n- second", ["first item. second"]],
  ["| a | b |\n|---|---|\n| 1 | **2** |", ["a, b. 1, 2"]],
  ["```js\nlet a;\nlet b;\n```", ["Code, 2 lines"]],
  ["> said\n\n---\n\nend", ["said", "end"]],
])("%j is read out as %j", (source, texts) => {
  expect(lex(source).map(spoken).filter(Boolean)).toEqual(texts);
});
