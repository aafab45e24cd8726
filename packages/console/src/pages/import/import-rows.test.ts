import { expect, it } from "vitest";
import {
  countFates,
  countsText,
  filterRows,
  type ImportNote,
  type ImportPayload,
  noFilter,
  toRows,
} from "./import-rows.js";

type Route = ImportPayload["routes"][number];

const route = (fields: Partial<Route>): Route => ({
  fate: "ADDED",
  method: "GET",
  path: "/a",
  operationId: "get-a",
  summary: "",
  tags: [],
  match: "GET /a",
  pointer: "/paths/~1a/get",
  serverUrl: null,
  integrationId: null,
  integration: null,
  ...fields,
});

const note = (pointer: string, fields: Partial<ImportNote> = {}): ImportNote => ({
  severity: "BEHAVIOR",
  code: "schema.incomplete",
  pointer,
  message: `about ${pointer}`,
  line: null,
  column: null,
  ...fields,
});

const payload: ImportPayload = {
  documentTitle: "Shop",
  apis: [],
  routes: [
    route({ tags: ["reads"], summary: "Read it" }),
    route({ method: "POST", match: "POST /a", pointer: "/paths/~1a/post", integrationId: "made" }),
    route({
      fate: "REMOVED",
      path: "/gone",
      match: null,
      pointer: null,
      integrationId: "int_1",
      integration: { id: "int_1", name: "north" },
    }),
  ],
  unreadOperations: [{ method: null, path: "/{a}{b}", operationId: null, pointer: "/paths/~1{a}{b}" }],
  integrations: [{ id: "made", name: "Shop /a", urls: ["https://shop.example/a"] }],
  notes: [
    note("/paths/~1a/get/parameters/0/schema"),
    note("/paths/~1a/get", { severity: "ERROR", code: "mapping.missing" }),
    note("/paths/~1{a}{b}"),
    note("/info/version"),
  ],
  noteGroups: [],
  userErrors: [],
};

const rows = toRows(payload, new Map());

it("gives each operation what is done to it, its integration and the notes about it", () => {
  expect(
    rows.map(({ fate, method, path, integration, notes }) => [
      fate,
      method,
      path,
      integration?.label,
      notes.length,
    ]),
  ).toEqual([
    ["NOT_READ", "ALL", "/{a}{b}", undefined, 1],
    ["ADDED", "GET", "/a", undefined, 1],
    ["ADDED", "POST", "/a", "Shop /a", 0],
    ["REMOVED", "GET", "/gone", "north", 0],
  ]);
});

it("shows the integration that was chosen before the next dry run has it", () => {
  const chosen = toRows(payload, new Map([["GET /a", { id: "int_2", label: "south" }]]));
  expect(chosen[1]?.integration?.label).toBe("south");
});

it("filters by words, by what is done and by tag", () => {
  const paths = (filter: Parameters<typeof filterRows>[1]) =>
    filterRows(rows, filter).map(({ method, path }) => `${method} ${path}`);
  expect(paths({ ...noFilter, text: "read GET" })).toEqual(["GET /a"]);
  expect(paths({ ...noFilter, fate: "MISSING" })).toEqual(["GET /a"]);
  expect(paths({ ...noFilter, fate: "REMOVED" })).toEqual(["GET /gone"]);
  expect(paths({ ...noFilter, tag: "reads" })).toEqual(["GET /a"]);
  expect(paths(noFilter)).toHaveLength(4);
});

it("says in words what would be done", () => {
  expect(countsText(countFates(rows))).toBe("2 added, 1 deleted, 1 not read");
  expect(countsText(countFates([]))).toBe("No operations");
});
