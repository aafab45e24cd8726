/**
 * Import and export keep what a document means: every difference between the source and the export is a note of the
 * report, or one of a short list with its reason. Sizes and shared schemas stay about what they were.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromOpenApi, type ReportItem, toOpenApi } from "@latchkey/openapi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type Fact, type Facts, type JsonObject, SemanticView } from "./semantic-view.js";

const modules = join(import.meta.dirname, "../../../node_modules");

const documents = [
  "@figma/rest-api-spec/openapi/openapi.yaml",
  "rclone-openapi/openapi.json",
  "@ideal-postcodes/openapi/dist/openapi.json",
  "@dcl/catalyst-api-specs/lib/api.yaml",
  "@blockfrost/openapi/openapi.yaml",
  "@readme/oas-examples/3.0/json/petstore.json",
  "@readme/oas-examples/3.0/json/star-trek.json",
  "@readme/oas-examples/3.0/json/schema-circular.json",
  "@readme/oas-examples/3.0/yaml/uspto.yaml",
  "@readme/oas-examples/3.1/yaml/train-travel.yaml",
  "@readme/oas-examples/3.1/json/readme.json",
  "@readme/oas-examples/3.1/json/schema-types.json",
] as const;

/** Differences that are no loss, by the semantic path. */
const additions: readonly (readonly [RegExp, string])[] = [
  [/^summary$/, "importers want a summary: without one it is the operation's name"],
  [/^responses\|default(\||$)/, "the gateway's own responses, and those that are not described"],
  [/^responses\|[^|]+\|content\|application\/problem\+json(\||$)/, "the gateway's problem for this status"],
  [/^parameters\|path /, "a parameter of the path that the document does not describe"],
];

const losses: readonly (readonly [RegExp, (source: Fact) => boolean, string])[] = [
  [/\|description$/, ({ value }) => value.trim() === '""', "an empty text"],
  [/\|additionalProperties$/, ({ value }) => value === '"anything"' || value === "true", "the default"],
];

interface Difference {
  readonly path: string;
  readonly pointer: string;
}

function differences(source: Facts, exported: Facts): { missing: Difference[]; added: string[] } {
  const missing: Difference[] = [];
  for (const [path, fact] of source) {
    if (exported.get(path)?.value === fact.value) continue;
    if (losses.some(([pattern, isNone]) => pattern.test(path) && isNone(fact))) continue;
    missing.push({ path, pointer: fact.pointer });
  }
  // OpenAPI demands responses: an operation without any gets the integration's.
  const hasResponses = [...source.keys()].some((path) => path.startsWith("responses|"));
  const added = [...exported.keys()].filter(
    (path) =>
      !source.has(path) &&
      !additions.some(([pattern]) => pattern.test(path)) &&
      (hasResponses || !path.startsWith("responses|200")),
  );
  return { missing, added };
}

const isOperation = (pointer: string): boolean => /^\/paths\/[^/]+\/[a-z]+$/.test(pointer);

/** A note tells of what stands at its pointer and below; one about an operation of its path or id only. */
function isNoted(report: readonly ReportItem[], { path, pointer }: Difference): boolean {
  return report.some((note) => {
    if (note.code === "extension.dropped") return note.message.includes(`\`${path.split("|").at(-1)}\``);
    if (isOperation(note.pointer))
      return note.code === "parameter.renamed" && path.startsWith("parameters|path");
    return note.pointer !== "" && (pointer === note.pointer || pointer.startsWith(`${note.pointer}/`));
  });
}

const bytesOf = (document: unknown): number => Buffer.byteLength(JSON.stringify(document));

/** Of the gateway's own responses with an example for each code. */
const OWN_BYTES = 14_500;

const noteCounts: number[] = [];

describe.each(documents)("%s", (file) => {
  const text = readFileSync(join(modules, file), "utf8");
  const source = (file.endsWith("json") ? JSON.parse(text) : parse(text, { merge: true })) as JsonObject & {
    readonly components?: { readonly schemas?: JsonObject };
  };
  const { routes, report, model } = fromOpenApi(text);
  noteCounts.push(report.length);

  it.each(["3.1"] as const)("loses nothing in %s without a note", { timeout: 60_000 }, (version) => {
    const exported = toOpenApi(model!, { version }) as JsonObject & typeof source;
    const views = { source: new SemanticView(source), exported: new SemanticView(exported) };
    const places = new Map<string, readonly [string, string]>();
    for (const [path, item] of Object.entries(exported.paths as JsonObject)) {
      for (const [method, operation] of Object.entries(item as JsonObject))
        places.set(String((operation as JsonObject).operationId), [path, method]);
    }
    const unexplained: string[] = [];
    const compare = (name: string, before: Facts, after: Facts): void => {
      const { missing, added } = differences(before, after);
      for (const one of missing) if (!isNoted(report, one)) unexplained.push(`${name}: ${one.path} is lost`);
      for (const path of added) unexplained.push(`${name}: ${path} is new`);
    };
    for (const { pointer, operationId } of routes) {
      const [, , path = "", method = ""] = pointer
        .split("/")
        .map((one) => one.replace(/~1/g, "/").replace(/~0/g, "~"));
      const place = places.get(operationId);
      expect(place, operationId).toBeDefined();
      compare(pointer, views.source.operation(path, method), views.exported.operation(...place!));
    }
    for (const name of Object.keys(source.components?.schemas ?? {}))
      compare(name, views.source.schema(name), views.exported.schema(name));
    expect(unexplained).toEqual([]);
  });

  it.each(["3.0", "3.1"] as const)(
    "is about as large in %s as it was, with its schemas' names",
    (version) => {
      const exported = toOpenApi(model!, { version }) as JsonObject & typeof source;
      expect(bytesOf(exported)).toBeLessThan(1.15 * bytesOf(source) + OWN_BYTES);
      const names = Object.keys(exported.components?.schemas ?? {});
      expect(names).toEqual(expect.arrayContaining(Object.keys(source.components?.schemas ?? {})));
    },
  );

  it("keeps operation ids, from which clients take their names", () => {
    expect(report.filter(({ code }) => code === "operation_id.changed").length).toBeLessThanOrEqual(1);
  });
});

it("reports what matters: few notes", () => {
  const sorted = [...noteCounts].sort((a, b) => a - b);
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(20);
});
