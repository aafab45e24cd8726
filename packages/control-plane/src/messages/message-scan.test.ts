/** A stretch has one bound at either end: of two, SQLite takes the filter's, and reads what was looked at before once more. */
import { FakeClock } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type OpenMessages, openMessagesFile } from "./message-database.js";
import { filtered, type Stretch } from "./message-scan.js";

let open: OpenMessages;
beforeAll(async () => {
  open = await openMessagesFile(":memory:", new FakeClock(), createLogger({ name: "test", level: "silent" }));
});
afterAll(() => open.close());

const since = new Date(1_000);
const until = new Date(2_000);
const ofFilter = (text: string) => `"at_ms" ${text} ?`;
const ofStretch = (text: string) => `(at_ms, id) ${text} (?, ?)`;

function boundsOf(stretch: Stretch): string[] {
  const { sql } = filtered(open.db.selectFrom("message").select("id"), { since, until }, stretch).compile();
  return sql.match(/"?\(?at_ms[^<>]*[<>]=? (?:\(\?, \?\)|\?)/g) ?? [];
}

describe("a stretch of a search between two times", () => {
  it.each([
    ["the first", null, 1_500, [ofStretch(">="), ofFilter("<")]],
    ["one within", 1_500, 1_200, [ofStretch(">="), ofStretch("<")]],
    ["the last", 1_200, null, [ofFilter(">="), ofStretch("<")]],
    ["one behind the cursor of a later search", 2_500, null, [ofFilter(">="), ofFilter("<")]],
    ["one before the times", null, 500, [ofFilter(">="), ofFilter("<")]],
  ])("%s", (_, fromMs, toMs, expected) => {
    const place = (atMs: number | null) => (atMs === null ? null : { atMs, id: 7 });
    expect(boundsOf({ from: place(fromMs), to: place(toMs) })).toEqual(expected);
  });
});
