import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError } from "./config-error.js";
import { configTable } from "./config-table.js";
import { loadConfig, redactConfig } from "./load-config.js";

const schema = z.object({
  port: z.int().min(0).max(65535).default(8080).describe("Port of the ingress."),
  engine: z.enum(["uws", "node"]).default("uws").describe("HTTP engine."),
  verbose: z.boolean().default(false).describe("Say more."),
  token: z.string().min(8).meta({ secret: true, description: "Admin token." }),
  limits: z
    .object({
      headerBytesMax: z.int().min(1024).max(65536).default(16384).describe("Header bytes."),
      allow: z.array(z.string()).default([]).describe("Allowed ranges."),
    })
    .prefault({}),
});

const folder = mkdtempSync(join(tmpdir(), "latchkey-config-"));
function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function problemsOf(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("no ConfigError was thrown");
}

describe("loadConfig", () => {
  it("takes options over environment over file over defaults", () => {
    const filePath = file("a.yaml", "port: 1\nengine: node\nlimits:\n  headerBytesMax: 2048\n");
    const env = { T_PORT: "2", T_TOKEN: "environment", T_LIMITS_ALLOW: "10.0.0.0/8, ::1/128", OTHER: "x" };
    expect(loadConfig(schema, { prefix: "T", env, filePath, options: { port: 3 } })).toEqual({
      port: 3,
      engine: "node",
      verbose: false,
      token: "environment",
      limits: { headerBytesMax: 2048, allow: ["10.0.0.0/8", "::1/128"] },
    });
  });

  it("names every problem with setting, source, value and what was expected, at once", () => {
    const filePath = file("b.json", '{"engine":"apache","limits":{"headerBytes":3}}');
    const env = { T_PORT: "eighty", T_VERBOSE: "yes", T_LIMITS_HEADER_BYTES_MAX: "12", T_PROT: "1" };
    const { message, problems } = problemsOf(() => loadConfig(schema, { prefix: "T", env, filePath }));
    expect(problems).toHaveLength(7);
    expect(message).toContain(
      'port (environment variable T_PORT) is "eighty"; expected a whole number from 0 to 65535',
    );
    expect(message).toContain('verbose (environment variable T_VERBOSE) is "yes"; expected true or false');
    expect(message).toContain(`engine (file ${filePath}) is "apache"; expected one of uws, node`);
    expect(message).toContain(
      "limits.headerBytesMax (environment variable T_LIMITS_HEADER_BYTES_MAX) is 12; expected a whole number from 1024 to 65536",
    );
    expect(message).toContain("did you mean limits.headerBytesMax?");
    expect(message).toContain("did you mean T_PORT?");
    expect(message).toContain("token (set it with T_TOKEN) is missing");
  });

  it("reads secrets from files and never prints one", () => {
    const short = problemsOf(() => loadConfig(schema, { prefix: "T", env: { T_TOKEN: "hush" } }));
    expect(short.message).not.toContain("hush");
    const env = { T_TOKEN_FILE: file("token", "from-a-file\n") };
    const config = loadConfig(schema, { prefix: "T", env });
    expect(config.token).toBe("from-a-file");
    expect(JSON.stringify(redactConfig(schema, config))).not.toContain("from-a-file");
  });

  it("names the new name of a setting that was renamed, wherever the old one stands", () => {
    const renamed = z.object({
      a: z
        .object({ newKey: z.string().optional().meta({ secret: true, formerName: "oldKey" }) })
        .prefault({}),
    });
    const filePath = file("renamed.yaml", "oldKey: hush\n");
    const env = { T_OLD_KEY: "hush", T_OLD_KEY_FILE: "/run/secrets/key" };
    const { problems, message } = problemsOf(() => loadConfig(renamed, { prefix: "T", env, filePath }));
    expect(problems.map(({ setting, expected }) => `${setting}: ${expected}`)).toEqual([
      "oldKey: its new name, a.newKey",
      "T_OLD_KEY: its new name, T_A_NEW_KEY",
      "T_OLD_KEY_FILE: its new name, T_A_NEW_KEY_FILE",
    ]);
    expect(message).not.toContain("hush");
  });

  it.each([
    ["not there", null, "is not readable (ENOENT: no such file or directory)"],
    ["neither JSON nor YAML", "[1", "is neither JSON nor YAML (Flow sequence must end with a ] at line 1"],
    ["a list", "- 1\n", "is a list"],
    ["a text", "on loopback\n", "is a string"],
  ])("says so when the file is %s", (_, text, problem) => {
    const filePath = text === null ? join(folder, "absent.yaml") : file("settings.yaml", text);
    const env = { T_TOKEN: "environment" };
    const { message } = problemsOf(() => loadConfig(schema, { prefix: "T", env, filePath }));
    expect(message).toContain(`  ${filePath} (file of settings) ${problem}`);
    expect(message).toContain("; expected an object of settings in JSON or YAML");
  });

  it("documents every setting", () => {
    expect(configTable(schema, "T").split("\n")).toHaveLength(2 + 6);
    expect(configTable(schema, "T")).toContain("| `port` | `T_PORT` | `8080` | Port of the ingress.");
  });
});
