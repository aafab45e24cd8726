/** What tests of access share: a control plane for each test, and clients of several addresses. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@latchkey/observe";
import { afterEach, beforeEach } from "vitest";
import { WebSocket } from "ws";
import { controlPlaneSchema } from "../config.js";
import { type ControlPlane, runControlPlane } from "../run.js";
import { ask } from "./ask.js";
import { type Json, SETUP_MS_MAX } from "./fixture.js";

export const TOKEN = "an-admin-token-of-the-tests";
const PROTOCOL = "graphql-transport-ws";
export const GUESSER = "127.0.0.66";
export const OPERATOR = "127.0.0.7";
let folder: string;
export let controlPlane: ControlPlane;
export let origin: string;
/** The database of the control plane under test. */
export const databaseFile = () => join(folder, "data", "latchkey.db");
export const logLines: string[] = [];

export async function start(
  more: Record<string, unknown> = {},
  http: Record<string, unknown> = {},
): Promise<void> {
  const config = controlPlaneSchema.parse({
    dataDir: join(folder, "data"),
    adminToken: TOKEN,
    http: { port: 0, failuresPerMinuteMax: 5, ...http },
    grpc: { port: 0 },
    ...more,
  });
  const logger = createLogger({ name: "test", stream: { write: (line: string) => logLines.push(line) } });
  controlPlane = await runControlPlane(config, { logger });
  origin = `http://127.0.0.1:${new URL(controlPlane.graphqlUrl).port}`;
}

export function setUpAccess(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "latchkey-access-"));
    logLines.length = 0;
  }, SETUP_MS_MAX);
  afterEach(async () => {
    await controlPlane.close();
    rmSync(folder, { recursive: true, force: true });
  }, SETUP_MS_MAX);
}

export const bearer = (token = TOKEN) => ({ authorization: `Bearer ${token}` });

export async function graphql(
  query: string,
  from = OPERATOR,
  headers: Record<string, string> = bearer(),
): Promise<Json> {
  const { status, text } = await ask(`${origin}/graphql`, { from, headers, body: { query } });
  return { status, ...(JSON.parse(text) as object) };
}

export async function signIn(from = OPERATOR, token = TOKEN, headers: Record<string, string> = {}) {
  const { status, text, headers: got } = await ask(`${origin}/session`, { from, headers, body: { token } });
  const setCookie = got["set-cookie"]?.[0] ?? "";
  const { csrfToken = "" } = JSON.parse(text) as { csrfToken?: string };
  const cookie = setCookie.split(";")[0] ?? "";
  return { status, text, setCookie, headers: { cookie, "x-csrf-token": csrfToken } };
}

interface Heard {
  readonly status?: number;
  readonly code?: number;
  readonly reason?: string;
  readonly messages: readonly string[];
}

interface Live {
  readonly socket: WebSocket;
  /** Resolves when the socket is closed or refused. */
  readonly over: Promise<Heard>;
  next(type: string): Promise<void>;
}

export function live(options: {
  readonly from?: string;
  readonly headers?: Record<string, string>;
  readonly init?: Record<string, unknown>;
  readonly protocol?: readonly string[];
}): Live {
  const socket = new WebSocket(
    `${origin.replace("http", "ws")}/graphql`,
    [...(options.protocol ?? [PROTOCOL])],
    {
      headers: options.headers ?? {},
      localAddress: options.from ?? OPERATOR,
    },
  );
  const messages: string[] = [];
  const waiting = new Set<() => void>();
  const { init } = options;
  if (init !== undefined)
    socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: init })));
  socket.on("message", (data) => {
    messages.push(String(data));
    for (const wake of waiting) wake();
  });
  const over = new Promise<Heard>((resolve) => {
    socket.on("unexpected-response", (_req, res) => {
      let reason = "";
      res.on("data", (chunk) => {
        reason += String(chunk);
      });
      res.on("end", () => resolve({ status: res.statusCode ?? 0, reason, messages }));
    });
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason), messages }));
    socket.on("error", () => {});
  });
  const next = (type: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!messages.some((message) => (JSON.parse(message) as { type: string }).type === type)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { socket, over, next };
}
