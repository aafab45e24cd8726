/** Every command against a control plane that accepts connections and never responds, like one that is stopped. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { WebSocketServer } from "ws";
import { RESPONSE_TIMEOUT_MS } from "./response-timeout.js";
import { commandHelps, latchkey } from "./testing/command.js";

/** What a command needs beside its arguments and the address. `doctor` has time-outs of its own. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  "create credential": ["--subscription", "x"],
  "create integration": ["--subscription", "x", "--target", "https://x.example"],
  "create api": ["--subscription", "x"],
  "create key": ["--api", "x"],
  "update subscription": ["--name", "y"],
  "update credential": ["--name", "y"],
  "update integration": ["--name", "y"],
  "update api": ["--title", "y"],
  "update key": ["--name", "y"],
  import: ["--api", "x"],
  "usage export": ["--from", "2026-11-01"],
};
const LEFT_OUT = ["doctor"];

let dir = "";
let silent: Awaited<ReturnType<typeof listening>>;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "latchkey-timeout-"));
  writeFileSync(join(dir, "document.yaml"), "openapi: 3.0.3");
  silent = await listening(createServer());
});
afterAll(async () => {
  await silent[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});
/** Which of the waits for a response are over at once, beginning with 1. */
let isOver: (wait: number) => boolean;
let waits = 0;
beforeEach(() => {
  const start = setTimeout;
  vi.stubGlobal("setTimeout", (done: (...args: unknown[]) => void, ms: number, ...args: unknown[]) => {
    // Node.js gives arguments to its own timers of connections. Pauses between attempts do not last.
    if (args.length > 0 || ms > RESPONSE_TIMEOUT_MS) return start(done, ms, ...args);
    if (ms < RESPONSE_TIMEOUT_MS) return start(done, 0);
    waits += 1;
    return start(done, isOver(waits) ? 0 : ms);
  });
});
afterEach(() => vi.unstubAllGlobals());

async function latchkeyWith(over: typeof isOver, ...args: readonly string[]) {
  [isOver, waits] = [over, 0];
  return await latchkey(...args);
}

/** The server, and the options that name it. */
async function listening(server: Server) {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => undefined)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: ["--url", `http://127.0.0.1:${port}`, "--token", "secret"],
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Commands that speak to a control plane, with a value for each argument. */
async function commands(): Promise<string[][]> {
  const found: string[][] = [];
  for await (const { path, help } of commandHelps()) {
    const command = path.join(" ");
    if (!/^ {2}--url </m.test(help) || LEFT_OUT.includes(command)) continue;
    const [usage = ""] = help.split("\n");
    const values = [...usage.matchAll(/[<[]([a-z][a-z ]*)[>\]]/g)]
      .map(([, name = ""]) => name)
      .filter((name) => name !== "options")
      .map((name) => (name === "file" ? join(dir, "document.yaml") : "x"));
    found.push([...path, ...values, ...(NEEDED[command] ?? [])]);
  }
  return found;
}

it("a command ends with 1 and says that nothing came", async () => {
  const all = await commands();
  expect(all.length).toBeGreaterThan(40);
  for (const command of all) {
    const { code, stdout, stderr } = await latchkeyWith(() => true, ...command, ...silent.address);
    expect([code, stdout], command.join(" ")).toEqual([1, ""]);
    expect(stderr, command.join(" ")).toMatch(
      /nothing came within (30|300) s, it may be stopped or overloaded/,
    );
  }
});

it("an export ends when the rest of it does not come", async () => {
  await using exporter = await listening(
    createHttpServer((_, res) => res.writeHead(200).write("at,apiId\r\n")),
  );
  // The head of the response comes, and its first piece.
  const over = (wait: number) => wait > 2;
  const command = ["usage", "export", "--from", "2026-11-01"];
  const { code, stderr } = await latchkeyWith(over, ...command, ...exporter.address);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/export broke off.*nothing came within 30 s/)]);
});

it("a tail ends when its control plane no longer responds, also to a second connection", async () => {
  const http = createHttpServer();
  new WebSocketServer({ server: http }).on("connection", (socket) =>
    socket.once("message", () => socket.send('{"type":"connection_ack"}')),
  );
  await using streaming = await listening(http);
  // The first connection is accepted.
  const { code, stderr } = await latchkeyWith((wait) => wait > 1, "tail", ...streaming.address);
  expect([code, stderr]).toEqual([1, expect.stringContaining("nothing came within 30 s")]);
  expect(waits).toBeGreaterThan(2);
});

it("a tail says that no control plane responds where none listens, and not that a stream ended", async () => {
  const nobody = ["--url", "http://127.0.0.1:1", "--token", "secret"];
  const { code, stdout, stderr } = await latchkeyWith(() => false, "tail", ...nobody);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(
    /no response from the control plane at http:\/\/127\.0\.0\.1:\d+\/graphql: connect ECONNREFUSED/,
  );
});
