import { expect, it } from "vitest";
import type { ActivityEntry } from "./activity-columns.js";
import { exportText } from "./audit-export.js";

const entry: ActivityEntry = {
  id: "aud_1",
  at: "2026-01-02T03:04:05.000Z",
  actor: "=cmd|' /C calc'!A0",
  action: "api.update",
  targetKind: "API",
  targetId: "api_1",
  targetName: 'Orders, "north"\nand more',
  subscriptionId: null,
  before: { title: "A" },
  after: { title: "B" },
  requestId: null,
  address: "192.0.2.7",
  revision: { epoch: 1, number: 7 },
};

it("writes CSV that a spreadsheet reads as texts, one record each", () => {
  const [head, ...rest] = exportText([entry], "csv").split("\r\n");
  expect(head).toMatch(/^at,actor,action,targetKind/);
  expect(rest.join("\r\n")).toBe(
    `2026-01-02T03:04:05.000Z,'=cmd|' /C calc'!A0,api.update,API,api_1,"Orders, ""north""\nand more",,7,192.0.2.7,,"{""title"":""A""}","{""title"":""B""}"\r\n`,
  );
});

it.each([
  ["\u00a0=1", "'\u00a0=1"],
  ["\n+1", '"\'\n+1"'],
  ["\uff1d1", "'\uff1d1"],
  ["Orders;=1", "Orders;'=1"],
  ["Orders; -1;@a", "Orders;' -1;'@a"],
  ["a=1; b", "a=1; b"],
])("leaves nothing in the name %j that a spreadsheet runs", (targetName, field) => {
  expect(exportText([{ ...entry, targetName }], "csv")).toContain(`,api_1,${field},,7,`);
});

it("writes one JSON text a line", () => {
  const lines = exportText([entry, entry], "ndjson").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { id: "aud_1", revision: 7, after: { title: "B" } },
    { targetName: entry.targetName },
  ]);
});
