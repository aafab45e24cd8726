/** `packages/cli/dist`, which every process runs and the npm package has. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  buildClientSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import { expect, it } from "vitest";
import { Stack } from "../support/stack.js";

const cli = join(import.meta.dirname, "../../packages/cli");
const dist = join(cli, "dist");
const STATIC_IMPORT = /^(?:import|export)\b[^"';]*?(?:\bfrom )?"([^"]+)";$/gm;
const scripts = readdirSync(dist).filter((name) => name.endsWith(".js"));

it("has what `imports` of its package.json name", () => {
  const { imports } = JSON.parse(readFileSync(join(cli, "package.json"), "utf8")) as {
    readonly imports: Readonly<Record<string, string | { readonly default: string }>>;
  };
  const files = Object.values(imports).map((target) =>
    typeof target === "string" ? target : target.default,
  );
  expect(files.filter((file) => !existsSync(join(cli, file)))).toEqual([]);
});

it("lets `latchkey --version` read a few small files", () => {
  const read = new Set<string>();
  const follow = (script: string): void => {
    if (read.has(script)) return;
    read.add(script);
    for (const [, name = ""] of readFileSync(join(dist, script), "utf8").matchAll(STATIC_IMPORT))
      if (name.startsWith("./")) follow(name.slice(2));
  };
  follow(scripts.find((name) => name.startsWith("main-")) ?? "");
  const bytes = [...read].reduce((sum, script) => sum + readFileSync(join(dist, script)).length, 0);
  expect(read.size).toBeGreaterThan(1);
  expect(bytes).toBeLessThan(256 * 1024);
});

it("serves the schema of the sources: a bundler may rename classes, whose names are those of types", async () => {
  await using stack = await Stack.start({ nodes: 0 });
  const served = buildClientSchema(
    await stack.graphql<IntrospectionQuery>(
      getIntrospectionQuery({ specifiedByUrl: true, inputValueDeprecation: true, oneOf: true }),
    ),
  );
  const schema = readFileSync(join(cli, "../control-plane/schema.graphql"), "utf8");
  expect(`${printSchema(lexicographicSortSchema(served))}\n`).toBe(schema);
});
