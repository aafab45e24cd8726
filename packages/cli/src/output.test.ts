/** Nothing that a document, an API or a server says reaches the terminal as a control character. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { escapeControls, escapeLine } from "@latchkey/observe/terminal-text";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { main } from "./main.js";
import { write } from "./output.js";

/** Sets a title, clears the screen by C1 CSI, erases, and turns the direction of text. */
const HOSTILE = "a\x1b]0;owned\x07\u009b2J\b\x7f\u202eb\u2066\r\nforged line";
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

let server: Server;
let url = "";
let respond: () => unknown;
let printed = "";

beforeAll(async () => {
  server = createServer((req, res) => {
    req.resume().once("end", () => res.end(JSON.stringify(respond())));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
});
afterAll(() => server.close());
afterEach(() => {
  vi.restoreAllMocks();
  printed = "";
});

function capture(): void {
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
}

describe("text for a terminal", () => {
  test("keeps what people write, and shows controls as what they are", () => {
    expect(escapeControls("Ærlig\ttekst\nover to linjer 👩‍💻")).toBe("Ærlig\ttekst\nover to linjer 👩‍💻");
    expect(escapeControls("\x1b[2J")).toBe("\\u001b[2J");
    expect(escapeLine("a\nb")).toBe("a\\u000ab");
    expect(JSON.parse(escapeControls(JSON.stringify({ a: HOSTILE })))).toEqual({ a: HOSTILE });
    for (let code = 0; code < 0x3000; code++)
      expect(escapeLine(String.fromCharCode(code))).not.toMatch(CONTROL);
  });

  test("is escaped on a terminal only, when it is a document", () => {
    const isTty = process.stdout.isTTY;
    try {
      for (const [tty, expected] of [
        [true, "\\u202e\n"],
        [false, "\u202e\n"],
      ] as const) {
        capture();
        process.stdout.isTTY = tty;
        write("\u202e", undefined);
        expect(printed).toBe(expected);
        vi.restoreAllMocks();
        printed = "";
      }
    } finally {
      process.stdout.isTTY = isTty;
    }
  });
});

describe("a verb", () => {
  const run = async (...args: readonly string[]) => {
    capture();
    const code = await main(["node", "latchkey", ...args, "--url", url, "--token", "t".repeat(20)]);
    return { code, text: printed };
  };

  test("import: a document's words in the report", async () => {
    const dir = mkdtempSync(join(tmpdir(), "latchkey-cli-"));
    const file = join(dir, "document.yaml");
    writeFileSync(file, "openapi: 3.0.3");
    respond = () => ({
      data: {
        one: { id: "api_1" },
        many: { nodes: [] },
        importOpenApi: {
          dryRun: true,
          api: null,
          secret: null,
          integrations: [{ id: HOSTILE, name: HOSTILE, urls: [HOSTILE] }],
          routes: [{ fate: "ADDED", method: HOSTILE, path: HOSTILE, operationId: HOSTILE }],
          noteGroups: [
            {
              severity: "BEHAVIOR",
              code: HOSTILE,
              title: HOSTILE,
              count: 2,
              examples: [
                { severity: "BEHAVIOR", pointer: HOSTILE, message: HOSTILE, line: null, column: null },
              ],
            },
          ],
          userErrors: [{ field: [HOSTILE], code: HOSTILE, message: HOSTILE }],
        },
      },
    });
    const { text } = await run("import", file, "--api", "api_1");
    rmSync(dir, { recursive: true });
    expect(text).toContain("owned");
    expect(text).not.toMatch(CONTROL);
    expect(text).not.toMatch(/^forged line/m);
  });

  test.each(["openapi", "client", "mock"])("%s: what a server says in an error", async (verb) => {
    respond = () => ({ errors: [{ message: HOSTILE }] });
    const { code, text } = await run(verb, "api_1");
    expect(code).toBe(1);
    expect(text).toContain("owned");
    expect(text).not.toMatch(CONTROL);
  });
});
