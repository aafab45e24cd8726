/** What tests of a running control plane share: one control plane for a file, and requests to it. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@latchkey/observe";
import { afterAll, beforeAll } from "vitest";
import { controlPlaneSchema } from "../config.js";
import { type ControlPlane, runControlPlane } from "../run.js";
import { type Json, SETUP_MS_MAX } from "./fixture.js";

export const TOKEN = "an-admin-token-of-the-tests";
export const ALICE = "alices-own-token-of-the-tests";
export let folder: string;
let controlPlane: ControlPlane;
export let origin: string;
export const logLines: string[] = [];

export const config = (more: Record<string, unknown> = {}) =>
  controlPlaneSchema.parse({
    dataDir: join(folder, "data"),
    adminToken: TOKEN,
    operators: [`alice=${createHash("sha256").update(ALICE).digest("hex")}`],
    encryptionKey: Buffer.alloc(32, 1).toString("base64"),
    http: { port: 0, consoleDir: join(folder, "console"), bodyBytesMax: 65_536 },
    grpc: { port: 0 },
    ingressUrl: "http://127.0.0.1:8080",
    ...more,
  });

export function setUpControlPlane(): void {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "latchkey-run-"));
    mkdirSync(join(folder, "console/assets"), { recursive: true });
    writeFileSync(join(folder, "console/index.html"), "<!doctype html><title>Console</title>");
    writeFileSync(join(folder, "console/assets/index-Ab3dEf9h.js"), `export {};${" ".repeat(5000)}`);
    writeFileSync(join(folder, "secret.txt"), "not for anybody");
    const logger = createLogger({ name: "test", stream: { write: (line: string) => logLines.push(line) } });
    controlPlane = await runControlPlane(config(), { logger });
    origin = new URL(controlPlane.graphqlUrl).origin;
  }, SETUP_MS_MAX);
  afterAll(async () => {
    await controlPlane.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

interface Options {
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export function post(path: string, { token = TOKEN, headers = {}, body }: Options): Promise<Response> {
  return fetch(origin + path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(body ?? {}),
  });
}

export async function graphql(query: string, options: Options = {}): Promise<Json> {
  const response = await post("/graphql", { ...options, body: { query } });
  return { status: response.status, headers: response.headers, ...((await response.json()) as object) };
}

/** Bytes as they are, for what fetch would not send. */
export function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let response = "";
    socket.on("data", (chunk) => {
      response += chunk.toString();
    });
    socket.on("close", () => resolve(response));
    socket.on("error", reject);
    setTimeout(() => socket.end(), 300).unref();
  });
}
