/** Large bodies through a node in both directions, judged by digest: a node, an integration, and real clients. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type ClientRequest, type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { firstTestCertificate, startProcess, type TestProcess } from "@latchkey/testkit";
import { key, resourcesOf, SmallNode } from "./small-node.js";
import { digestOf, pieces } from "./transfer-bytes.mjs";

export interface Transfer {
  /** Bytes that the client sends, and those that it asks for. An echo is both. */
  readonly kind: "download" | "upload" | "echo";
  readonly framing: "length" | "chunked";
  readonly bytes: number;
  /** Bytes a second that the client reads; default: as fast as it can. */
  readonly readRate?: number;
  /** The client does not read for so long after the head. */
  readonly readPauseMs?: number;
  /** The integration pauses so long after each megabyte of an upload. */
  readonly upstreamPauseMs?: number;
  readonly client?: "node" | "curl";
}

export interface TransfersOptions {
  readonly engine: "strict" | "uws";
  readonly isTls: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export class Transfers implements AsyncDisposable {
  readonly node: SmallNode;
  readonly #upstream: TestProcess;
  readonly #folder: string;
  readonly #options: TransfersOptions;

  private constructor(node: SmallNode, upstream: TestProcess, folder: string, options: TransfersOptions) {
    this.node = node;
    this.#upstream = upstream;
    this.#folder = folder;
    this.#options = options;
  }

  static async start(options: TransfersOptions): Promise<Transfers> {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-transfers-"));
    const certFile = join(folder, "cert.pem");
    const keyFile = join(folder, "key.pem");
    writeFileSync(certFile, firstTestCertificate.cert);
    writeFileSync(keyFile, firstTestCertificate.key);
    const upstream = startProcess({ args: [join(import.meta.dirname, "transfer-upstream.mjs")] });
    const { port } = await upstream.waitForJson<{ port: number }>();
    const node = await SmallNode.start(resourcesOf({ a: `http://127.0.0.1:${port}/` }), {
      env: {
        LATCHKEY_INGRESS_ENGINE: options.engine,
        LATCHKEY_INGRESS_LIMITS_REQUEST_BODY_BYTES_MAX: String(2 ** 40),
        ...(options.isTls
          ? { LATCHKEY_INGRESS_TLS_CERT_FILE: certFile, LATCHKEY_INGRESS_TLS_KEY_FILE: keyFile }
          : {}),
        ...options.env,
      },
    });
    return new Transfers(node, upstream, folder, options);
  }

  get url(): string {
    return `${this.#options.isTls ? "https" : "http"}://127.0.0.1:${this.node.port}/a`;
  }

  /** Null when everything arrived whole on both sides, else what is wrong. */
  async run(transfer: Transfer): Promise<string | null> {
    const problem = await (transfer.client === "curl" ? this.#curl(transfer) : this.#node(transfer));
    return problem === null ? null : `${nameOf(transfer)}: ${problem}`;
  }

  async #node(transfer: Transfer): Promise<string | null> {
    const headers = headersOf(transfer);
    if (transfer.kind !== "download" && transfer.framing === "length")
      headers["content-length"] = String(transfer.bytes);
    const make = this.#options.isTls ? tlsRequest : plainRequest;
    return await new Promise((resolve) => {
      const req: ClientRequest = make(
        this.url,
        {
          method: transfer.kind === "download" ? "GET" : "POST",
          headers,
          rejectUnauthorized: false,
          agent: false,
        },
        (res) => {
          judge(res, transfer).then(resolve, (error: unknown) =>
            resolve(`the response broke: ${String(error)}`),
          );
        },
      );
      req.on("error", (error) => resolve(`the request broke: ${error.message}`));
      if (transfer.kind === "download") req.end();
      else Readable.from(pieces(transfer.bytes), { highWaterMark: 1 }).pipe(req);
    });
  }

  async #curl(transfer: Transfer): Promise<string | null> {
    const args = ["--silent", "--show-error", "--insecure", "--http1.1", "--no-buffer"];
    for (const [name, value] of Object.entries(headersOf(transfer))) args.push("-H", `${name}: ${value}`);
    const isUpload = transfer.kind !== "download";
    // Curl knows a length only of a file; from its standard input it sends chunks.
    if (isUpload)
      args.push("-X", "POST", "-T", transfer.framing === "chunked" ? "-" : this.#file(transfer.bytes));
    if (transfer.readRate !== undefined) args.push("--limit-rate", String(transfer.readRate));
    const child = spawn("curl", [...args, this.url], { stdio: ["pipe", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.stdin.on("error", () => undefined); // it ended before it read everything: its status says so
    if (isUpload && transfer.framing === "chunked")
      Readable.from(pieces(transfer.bytes), { highWaterMark: 1 }).pipe(child.stdin);
    else child.stdin.end();
    const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
    const problem = await judgeBody(child.stdout, transfer).catch((error: unknown) => String(error));
    const code = await exit;
    return code === 0 ? problem : `curl ended with ${code}: ${stderr.trim()}`;
  }

  #file(bytes: number): string {
    const file = join(this.#folder, `${bytes}.bin`);
    writeFileSync(file, Buffer.concat([...pieces(bytes)]));
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node[Symbol.asyncDispose]();
    await this.#upstream[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function nameOf({ kind, framing, bytes, readRate, client = "node" }: Transfer): string {
  const rate = readRate === undefined ? "" : ` read at ${readRate} B/s`;
  return `${kind} of ${bytes} bytes (${framing}, ${client})${rate}`;
}

function headersOf({ kind, framing, bytes, upstreamPauseMs }: Transfer): Record<string, string> {
  const headers: Record<string, string> = { "connxio-api-key": key };
  if (kind === "download") headers["x-give"] = String(bytes);
  if (kind === "download" && framing === "chunked") headers["x-framing"] = "chunked";
  if (kind === "echo") headers["x-echo"] = "1";
  if (upstreamPauseMs !== undefined) headers["x-read-pause-ms"] = String(upstreamPauseMs);
  return headers;
}

async function judge(res: IncomingMessage, transfer: Transfer): Promise<string | null> {
  if (res.statusCode !== 200) {
    res.resume();
    return `status ${res.statusCode} ${String(res.headers["latchkey-error"] ?? "")}`;
  }
  return await judgeBody(res, transfer);
}

async function judgeBody(body: Readable, transfer: Transfer): Promise<string | null> {
  const { kind, bytes, readRate, readPauseMs, client } = transfer;
  if (readPauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, readPauseMs));
  const hash = createHash("sha256");
  const startedMs = performance.now();
  let got = 0;
  let text = "";
  for await (const chunk of body as AsyncIterable<Buffer>) {
    got += chunk.length;
    hash.update(chunk);
    if (kind === "upload") text += chunk.toString();
    if (readRate === undefined || client === "curl") continue;
    const aheadMs = (got / readRate) * 1000 - (performance.now() - startedMs);
    if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  }
  const expected = digestOf(bytes);
  if (kind === "upload") {
    const seen = JSON.parse(text) as { bytes: number; sha256: string };
    if (seen.bytes !== bytes) return `the integration got ${seen.bytes} bytes`;
    return seen.sha256 === expected ? null : "the integration got other bytes";
  }
  if (got !== bytes) return `${got} bytes came`;
  return hash.digest("hex") === expected ? null : "other bytes came";
}
