import { expect, test } from "vitest";

import { overlaid } from "./log";
import type { Generation } from "@/lib/contract";

const row = (at: number, state: "admitted" | "completed" = "completed"): Generation =>
  ({ id: `gen_${at}`, state, create_time: new Date(1_700_000_000_000 + at).toISOString() }) as Generation;
const ids = (rows: Generation[]) => rows.map(({ id }) => id);

test("rows that came stand first, and those that are known are told as they are now", () => {
  const { rows, missing } = overlaid([row(4), row(3), row(2)], [row(3, "admitted"), row(1)]);
  expect(ids(rows)).toEqual(["gen_4", "gen_3", "gen_2", "gen_1"]);
  expect(rows[1]?.state).toBe("completed");
  expect(missing).toBe(false);
});

test("a newest page of which nothing is known leaves a hole", () => {
  const many = Array.from({ length: 100 }, (_, at) => row(1000 - at));
  expect(overlaid(many, [row(1)]).missing).toBe(true);
  expect(overlaid(many, [row(901)]).missing).toBe(false);
  expect(overlaid([row(2)], [row(1)]).missing, "a page that is not full begins with the first of all").toBe(false);
});

test("where nothing was read anew the rows are those that were read", () => {
  expect(ids(overlaid([], [row(2), row(1)]).rows)).toEqual(["gen_2", "gen_1"]);
});
