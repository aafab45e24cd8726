/** The workloads: what is sent, over how many connections, and which status counts as right. */
import type { CertificateKind } from "./support/certificate.js";

/** What gives the load. */
export type Load =
  /** wrk with the workload's script, over kept connections. */
  | { readonly kind: "wrk" }
  /** One request for each connection; with TLS each handshake resumes the session before, or none does. */
  | { readonly kind: "connect"; readonly resumes: boolean }
  /** Streamed responses of small chunks: a chunk counts as a request. */
  | { readonly kind: "tokens" }
  /** Connections that have had one response and say nothing: a second of one of them counts as a request. */
  | { readonly kind: "idle" };

export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  readonly load: Load;
  /** The certificate; null: plain TCP. */
  readonly tls: CertificateKind | null;
  /** Processes, or threads, that serve; with more than one they have both cores. */
  readonly workers: number;
  /** Two busy loops run beside it, one on each core. */
  readonly isContended: boolean;
  /** Measured with nginx, HAProxy and Latchkey only. */
  readonly isNearOnly: boolean;
  /** APIs in the contender's table. */
  readonly apis: number;
  /** Statuses of 400 and more are what this workload asks for. */
  readonly expectsRefusal: boolean;
  /** Before the first slice that is measured. */
  readonly warmUpSeconds: number;
  /** Slices are so many times as long: where a second would measure how connections are made. */
  readonly sliceFactor: number;
  /** Left out by `--quick`. */
  readonly long: boolean;
  script(keys: readonly string[]): string;
}

/** The same request again and again. */
export function fixed(method: string, path: string, key: string, body = ""): string {
  return `
wrk.method = "${method}"
wrk.path = "${path}"
wrk.headers["Connxio-Api-Key"] = "${key}"
${body}
`;
}

/** Another path and another id in each request; the upstream responds to each in another way. */
export function varied(key: string): string {
  return `
local rest = "?varies HTTP/1.1\\r\\nHost: bench\\r\\nConnxio-Api-Key: ${key}\\r\\nX-Request-Id: "
local count = 0
request = function()
  count = count + 1
  return "GET /orders/" .. count .. rest .. count .. "\\r\\n\\r\\n"
end
`;
}

/** Any of the keys, each with a path of its own. */
export function mixed(keys: readonly string[]): string {
  return `
local keys = {${keys.map((key) => `"${key}"`).join(",")}}
local raw = {}
for i = 1, #keys do
  raw[i] = "GET /orders/" .. i .. " HTTP/1.1\\r\\nHost: bench\\r\\nConnxio-Api-Key: " .. keys[i] .. "\\r\\n\\r\\n"
end
math.randomseed(7)
request = function() return raw[math.random(#raw)] end
`;
}

const jsonBody = (bytes: number) => `wrk.headers["Content-Type"] = "application/json"
wrk.body = '"' .. string.rep("x", ${bytes - 2}) .. '"'`;

const base = {
  connections: 64,
  load: { kind: "wrk" },
  tls: null,
  workers: 1,
  isContended: false,
  isNearOnly: false,
  apis: 1,
  expectsRefusal: false,
  warmUpSeconds: 2,
  sliceFactor: 1,
  long: true,
} as const;

const small = (keys: readonly string[]) => fixed("GET", "/orders/1234", keys[0] ?? "");

/** Beside nginx and HAProxy only: what an operator meets besides requests over kept connections. */
const near = { ...base, isNearOnly: true, script: small } as const;
const handshake = { ...near, connections: 32, sliceFactor: 2, warmUpSeconds: 4 } as const;
const newSession = { kind: "connect", resumes: false } as const;
const resumption = { kind: "connect", resumes: true } as const;

export const workloads: readonly Workload[] = [
  {
    ...base,
    name: "get",
    title: "small GET",
    long: false,
    script: (keys) => fixed("GET", "/orders/1234", keys[0] ?? ""),
  },
  {
    ...base,
    name: "get-varied",
    title: "small GET, each request and each response another one",
    script: (keys) => varied(keys[0] ?? ""),
  },
  {
    ...base,
    name: "post-1k",
    title: "1 KiB POST",
    long: false,
    script: (keys) => fixed("POST", "/orders", keys[0] ?? "", jsonBody(1024)),
  },
  {
    ...base,
    name: "post-64k",
    title: "64 KiB POST",
    script: (keys) => fixed("POST", "/upload", keys[0] ?? "", jsonBody(65_536)),
  },
  {
    ...base,
    name: "download-1m",
    title: "1 MiB download",
    script: (keys) => fixed("GET", "/download", keys[0] ?? ""),
  },
  {
    ...base,
    name: "chunked",
    title: "chunked upload, 4 × 4 KiB",
    script: (keys) => `
local chunk = "1000\\r\\n" .. string.rep("x", 4096) .. "\\r\\n"
local raw = "POST /upload HTTP/1.1\\r\\nHost: bench\\r\\nConnxio-Api-Key: ${keys[0] ?? ""}\\r\\nContent-Type: text/plain\\r\\n"
  .. "Transfer-Encoding: chunked\\r\\n\\r\\n" .. chunk .. chunk .. chunk .. chunk .. "0\\r\\n\\r\\n"
request = function() return raw end
`,
  },
  {
    ...base,
    name: "connections-1000",
    title: "small GET, 1 000 connections",
    connections: 1000,
    sliceFactor: 2,
    script: (keys) => fixed("GET", "/orders/1234", keys[0] ?? ""),
  },
  {
    ...base,
    name: "reject-404",
    title: "404: no such route",
    expectsRefusal: true,
    script: (keys) => fixed("GET", "/nowhere/at/all", keys[0] ?? ""),
  },
  {
    ...base,
    name: "reject-401",
    title: "401: unknown key",
    expectsRefusal: true,
    script: () => fixed("GET", "/orders/1234", "lk_0000000000000000000000000000000000000000000000000"),
  },
  {
    ...base,
    name: "mix-10k",
    title: "small GET over 10 000 APIs",
    apis: 10_000,
    warmUpSeconds: 4, // each API has been met by then: what an API's first request costs is not what is asked here
    script: mixed,
  },
  {
    ...handshake,
    name: "connect",
    title: "small GET, a new connection for each",
    load: newSession,
    long: false,
  },
  {
    ...handshake,
    name: "connect-tls",
    title: "the same over TLS, ECDSA P-256",
    load: newSession,
    tls: "ecdsa",
    long: false,
  },
  {
    ...handshake,
    name: "connect-tls-resumed",
    title: "the same over TLS, ECDSA P-256, sessions resumed",
    load: resumption,
    tls: "ecdsa",
  },
  {
    ...handshake,
    name: "connect-tls-rsa",
    title: "the same over TLS, RSA 2048",
    load: newSession,
    tls: "rsa",
  },
  {
    ...handshake,
    name: "connect-tls-rsa-resumed",
    title: "the same over TLS, RSA 2048, sessions resumed",
    load: resumption,
    tls: "rsa",
  },
  {
    ...near,
    name: "tls-get",
    title: "small GET over TLS, kept connections",
    connections: 16, // a slice is not to be spent on their handshakes
    tls: "ecdsa",
    sliceFactor: 2,
    long: false,
  },
  {
    ...near,
    name: "tls-download",
    title: "1 MiB download over TLS",
    tls: "ecdsa",
    long: false,
    connections: 8,
    script: (keys) => fixed("GET", "/download", keys[0] ?? ""),
  },
  {
    ...near,
    name: "stream-tokens",
    title: "chunks of streamed responses, one each 10 ms; latency from the upstream, CPU of a chunk",
    connections: 16,
    load: { kind: "tokens" },
    sliceFactor: 2,
    long: false,
  },
  {
    ...near,
    name: "idle-10k",
    title: "idle connections; CPU of one in a second, RSS that all of them add",
    connections: 9_900, // as many as 20 000 file descriptors are good for
    load: { kind: "idle" },
    sliceFactor: 3,
    long: false,
  },
  { ...near, name: "workers-2", title: "small GET, two workers", workers: 2, long: false },
  {
    ...handshake,
    name: "workers-2-connect",
    title: "small GET, two workers, a new connection for each",
    workers: 2,
    load: newSession,
  },
  {
    ...near,
    name: "contended",
    title: "small GET beside two busy loops",
    isContended: true,
    sliceFactor: 2,
    long: false,
  },
];
