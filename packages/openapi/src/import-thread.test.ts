import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { DocumentThreads } from "./document-threads.js";
import { ImportThreads } from "./import-thread.js";

/** Half a megabyte of YAML, as its authors publish it. */
const big = readFileSync(createRequire(import.meta.url).resolve("@blockfrost/openapi/openapi.yaml"), "utf8");
const small = JSON.stringify({ openapi: "3.0.3", info: {}, paths: { "/a": { get: {} } } });
const mapping = { default: "x" };
const codes = (result: { report: readonly { severity: string; code: string }[] }) =>
  result.report.filter(({ severity }) => severity === "error").map(({ code }) => code);

describe("ImportThreads", () => {
  it("reads a big document while everything else goes on", { timeout: 60_000 }, async () => {
    let turns = 0;
    let isOver = false;
    const turn = () => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    turn();
    const result = await new ImportThreads(new DocumentThreads()).read(big, mapping, 1000, "admin");
    isOver = true;
    expect(result).toMatchObject({ ok: true, version: "3.0" });
    expect(result.routes.length).toBeGreaterThan(100);
    // On this thread there would be none between the start and the response.
    expect(turns).toBeGreaterThan(100);
  });

  it("gives up on one that takes too long, and reads the next", { timeout: 60_000 }, async () => {
    expect(
      codes(await new ImportThreads(new DocumentThreads({ cpuMsMax: 1 })).read(big, mapping, 1000, "admin")),
    ).toEqual(["document.too_slow"]);
    expect(codes(await new ImportThreads(new DocumentThreads()).read(small, mapping, 1000, "admin"))).toEqual(
      [],
    );
  });

  it("gives up on one that takes too much memory, and lives on", { timeout: 60_000 }, async () => {
    const threads = new ImportThreads(new DocumentThreads({ heapMibMax: 24 }));
    const { report } = await threads.read(big, mapping, 1000, "admin");
    expect(report.map(({ code, message }) => [code, message])).toEqual([
      ["document.too_large", "Reading the document takes too much memory: split it, or send it as JSON."],
    ]);
    const json = JSON.stringify(Array.from({ length: 500_000 }, (_, n) => ({ n })));
    const asJson = await threads.read(`{"openapi":"3.1.0","x":${json}}`, mapping, 1000, "admin");
    expect(asJson.report.map(({ message }) => message)).toEqual([
      "Reading the document takes too much memory: split it.",
    ]);
    expect(codes(await threads.read(small, mapping, 1000, "admin"))).toEqual([]);
  });

  it("refuses a bomb of aliases and a text beyond the limit", { timeout: 60_000 }, async () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 12; i++) lines.push(`a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}*a${i - 1}]`);
    const threads = new ImportThreads(new DocumentThreads());
    expect(codes(await threads.read(lines.join("\n"), mapping, 1000, "admin"))).toEqual([
      "document.too_large",
    ]);
    expect(codes(await threads.read(" ".repeat(17 * 1024 * 1024), mapping, 1000, "admin"))).toEqual([
      "document.too_large",
    ]);
  });

  it("lets documents wait for each other, but not too many", { timeout: 60_000 }, async () => {
    const threads = new ImportThreads(new DocumentThreads({ threadsMax: 1, waitingMax: 1 }));
    const results = await Promise.all([1, 2, 3].map(() => threads.read(small, mapping, 1000, "admin")));
    expect(results.map(codes)).toEqual([[], [], ["document.too_slow"]]);
    expect(codes(await threads.read(small, mapping, 1000, "admin"))).toEqual([]);
  });

  it("leaves out patterns that requests cannot be held to", async () => {
    const document = {
      openapi: "3.0.3",
      info: {},
      paths: { "/a": { get: { parameters: [{ name: "q", in: "query", schema: { pattern: "(?=a)" } }] } } },
    };
    const { routes, report } = await new ImportThreads(new DocumentThreads()).read(
      JSON.stringify(document),
      mapping,
      1000,
      "admin",
    );
    expect(routes[0]?.operation?.parameters).toMatchObject([{ name: "q", schema: {} }]);
    expect(JSON.stringify(routes)).not.toContain("(?=a)");
    expect(report).toMatchObject([
      { code: "schema.pattern_dropped", pointer: "/paths/~1a/get/parameters/0/schema/pattern" },
    ]);
  });
});
