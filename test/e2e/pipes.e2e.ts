/** The command between other programs: closed pipes, standard input, a full disk. Real processes and a shell. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { latchkeyCommand } from "../support/stack.js";

const routes = Array.from({ length: 1_000 }, (_, i) => ({
  method: "GET",
  path: `/r${i}/{id}`,
  operationId: `get${i}`,
  validate: false,
  operation: null,
  integration: {
    name: "orders",
    requestSchema: null,
    responseSchema: null,
    requestContentTypes: [],
    responseContentTypes: [],
    examples: [],
  },
}));
const api = {
  title: "Orders",
  summary: "",
  versionLabel: "v1",
  schemas: null,
  tags: [],
  routes,
};
const imported = {
  dryRun: true,
  api: null,
  apis: [],
  secret: null,
  routes: routes.map(({ method, path, operationId }) => ({
    fate: "ADDED",
    method,
    // Longer than a pipe holds.
    path: path + "/x".repeat(100),
    operationId,
  })),
  integrations: [],
  noteGroups: [],
  userErrors: [],
};

/** The look-up by id or title. */
const found = { one: { id: "api_1" }, many: { nodes: [] } };

let control: Server;
let url = "";
let document: unknown;

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { query, variables } = JSON.parse(await text(request)) as {
    query: string;
    variables: { input?: { document: string } };
  };
  document = variables.input?.document;
  const data = query.startsWith("mutation")
    ? { importOpenApi: imported }
    : {
        ...found,
        server: { ingressUrl: "https://example.com", keyHeader: "Connxio-Api-Key" },
        webhookKeys: { totalCount: 0 },
        api,
      };
  response.end(JSON.stringify({ data }));
}

beforeAll(async () => {
  control = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => control.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
});
afterAll(() => control?.close());

/** `latchkey` in a line of bash is the command. */
async function shell(line: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = spawn(
    "bash",
    ["-c", `latchkey() { "${process.execPath}" "${latchkeyCommand}" "$@"; }; ${line}`],
    {
      env: { ...process.env, NODE: process.execPath, LATCHKEY_URL: url, LATCHKEY_TOKEN: "some-token" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}

it.each(["openapi api_1", "client api_1", "openapi api_1 --target postman", "import - --api api_1 <<<'{}'"])(
  "latchkey %s | head -1 ends with 0 and says nothing",
  async (command) => {
    const { code, stdout, stderr } = await shell(`set -o pipefail; latchkey ${command} | head -1`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toHaveLength(2);
  },
);

it("reports a standard output that takes nothing, and ends with 1", async () => {
  const { code, stderr } = await shell("latchkey openapi api_1 > /dev/full");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Standard output cannot be written: ENOSPC.*\n$/);
});

it("writes into a pipe that --out names", async () => {
  const { code, stdout, stderr } = await shell(
    "set -o pipefail; latchkey openapi api_1 --out /dev/stdout | cat",
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ info: { title: "Orders" } });
});

it("reads a document from standard input, also when it comes late and in parts", async () => {
  const { code, stderr } = await shell(
    `{ printf 'openapi: '; "$NODE" -e 0; echo 3.0.3; } | latchkey import - --api api_1 --dry-run > /dev/null`,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(document).toBe("openapi: 3.0.3\n");
});
