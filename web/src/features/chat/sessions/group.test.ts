import { expect, test } from "vitest";

import { heading } from "./group";

test.each([
  ["2026-03-10T00:01:00", "Today"],
  ["2026-03-09T23:59:00", "Yesterday"],
  ["2026-03-05T12:00:00", "Last 7 days"],
  ["2026-02-20T12:00:00", "Last 30 days"],
  ["2025-10-01T12:00:00", "October 2025"],
])("on 10 March, %s stands under %s", (time, name) => {
  expect(heading(time, new Date("2026-03-10T12:00:00").getTime())).toBe(name);
});
