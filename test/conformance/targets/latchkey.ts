// Latchkey itself: two ingress processes of one engine, one with short time limits, fed by a stub of the control
// plane. Says what docs/request-path.md says of headers, so that nothing undocumented can reach an integration.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeResource, noLimits, type Resource } from "@latchkey/snapshot";
import {
  aKey,
  anApi,
  anIntegration,
  aRoute,
  SnapshotServer,
  startProcess,
  type TestProcess,
} from "@latchkey/testkit";
import type { Forwarded } from "../support/row.js";
import {
  bodyBytesMax,
  type ExpectedRequest,
  type Origin,
  ordinaryTimeouts,
  type RunningTarget,
  type ShortTimeouts,
  type Target,
} from "../support/target.js";

export type LatchkeyEngine = "uws" | "strict";

const command = fileURLToPath(new URL("../../../packages/cli/bin/latchkey.js", import.meta.url));

/** A busy machine takes its time to start a process. */
const START_MS = 180_000;

/** Where integrations listen, so that the path they see is not the client's. */
const INTEGRATION_PATH = "/in";

export type LatchkeyIo = "auto" | "portable";

export function latchkey(engine: LatchkeyEngine, io: LatchkeyIo = "auto"): Target {
  return {
    name: `Latchkey ${engine}`,
    can: new Set(["gateway", "limits", "body-limit", "reads-timeouts"]),
    // The time limits of uWebSockets.js are fixed at ten seconds, in steps of four.
    // It ends a connection after a request with Transfer-Encoding, and says so.
    maySayClose: engine === "uws",
    slowDeadlineMs: engine === "uws" ? 30_000 : 20_000,
    start: (origins, timeouts) => start(engine, io, origins, timeouts),
    rewrite,
  };
}

async function start(
  engine: LatchkeyEngine,
  io: LatchkeyIo,
  origins: readonly Origin[],
  short: ShortTimeouts,
): Promise<RunningTarget> {
  const controlPlane = await SnapshotServer.start();
  controlPlane.load(origins.flatMap((origin, index) => resourcesOf(origin, index).map(encodeResource)));
  const dataDir = await mkdtemp(join(tmpdir(), "latchkey-conformance-"));
  const nodes = [
    startNode(engine, io, controlPlane.address, dataDir, "ordinary", ordinaryTimeouts),
    startNode(engine, io, controlPlane.address, dataDir, "short", short),
  ];
  let isStopping = false;
  const stop = async () => {
    isStopping = true;
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    await controlPlane.close();
    await rm(dataDir, { recursive: true, force: true });
  };
  let isAlive = true;
  for (const node of nodes) {
    void node.exited.then(() => {
      isAlive = false;
      if (!isStopping) process.stderr.write(`the ingress ended:\n${node.output.slice(-2_000)}\n`);
    });
  }
  try {
    const [ordinary, short] = await Promise.all(nodes.map((node) => listening(node)));
    if (ordinary === undefined || short === undefined) throw new Error("no node was started");
    await controlPlane.when(() => controlPlane.acks.length >= nodes.length);
    const refused = controlPlane.acks.flatMap((ack) => ack.rejected);
    if (refused.length > 0) throw new Error(`the node quarantined ${JSON.stringify(refused[0])}`);
    return {
      port: ordinary.port,
      shortPort: short.port,
      version: ordinary.engine,
      isAlive: () => isAlive,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Listening {
  readonly port: number;
  readonly engine: string;
}

function listening(node: TestProcess): Promise<Listening> {
  return node.waitFor((stdout, stderr) => {
    const line = (stdout + stderr)
      .split("\n")
      .find((one) => one.includes('"ingress listens"') && one.endsWith("}"));
    return line === undefined ? undefined : (JSON.parse(line) as Listening);
  }, START_MS);
}

function startNode(
  engine: LatchkeyEngine,
  io: LatchkeyIo,
  address: string,
  dataDir: string,
  nodeId: string,
  { clientMs, upstreamMs }: ShortTimeouts,
): TestProcess {
  return startProcess({
    args: [command, "ingress"],
    env: {
      LATCHKEY_INGRESS_NODE_ID: nodeId,
      LATCHKEY_INGRESS_DATA_DIR: join(dataDir, nodeId),
      LATCHKEY_INGRESS_PORT: "0",
      LATCHKEY_INGRESS_ADMIN_PORT: "0",
      LATCHKEY_INGRESS_ENGINE: engine,
      LATCHKEY_INGRESS_IO: io,
      LATCHKEY_INGRESS_VIA: "latchkey",
      LATCHKEY_INGRESS_CONTROL_PLANE_ADDRESS: address,
      LATCHKEY_INGRESS_UPSTREAMS_ALLOW_CIDRS: "127.0.0.0/8",
      LATCHKEY_INGRESS_UPSTREAMS_FIRST_BYTE_TIMEOUT_MS: String(upstreamMs),
      LATCHKEY_INGRESS_UPSTREAMS_BODY_IDLE_TIMEOUT_MS: String(upstreamMs),
      LATCHKEY_INGRESS_LIMITS_HEADER_TIMEOUT_MS: String(clientMs),
      LATCHKEY_INGRESS_LIMITS_BODY_IDLE_TIMEOUT_MS: String(clientMs),
      LATCHKEY_INGRESS_LIMITS_KEEP_ALIVE_MS: String(clientMs),
    },
  });
}

function resourcesOf(origin: Origin, index: number): Resource[] {
  const integration = `itg_row${index}`;
  const api = `api_row${index}`;
  return [
    anIntegration(integration, `http://127.0.0.1:${origin.port}${INTEGRATION_PATH}`, {
      limits: { ...noLimits, requestBodyBytesMax: bodyBytesMax },
    }),
    anApi(api, [aRoute("ANY", "/", integration), aRoute("ANY", "/{rest*}", integration)]),
    aKey(`key_row${index}`, api, {}, origin.key).resource,
  ];
}

/** Headers the gateway sets itself, whatever the client sent. */
const own: readonly (readonly [name: string, form: RegExp])[] = [
  ["configcorrelationid", /^itg_row\d+$/],
  ["interchangeid", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ["traceparent", /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/],
  ["forwarded", /^for=127\.0\.0\.1(;host=("[^"]+"|[!#$%&'*+.^_`|~\w-]+))?;proto=http$/],
  ["x-forwarded-for", /^127\.0\.0\.1$/],
  ["x-forwarded-proto", /^http$/],
  ["x-forwarded-host", /^[\x21-\x7e]+$/],
  ["x-forwarded-method", /^[!-~]+$/],
  ["x-forwarded-path", /^\/[!-~]*$/],
  ["via", /^1\.1 latchkey$/],
  ["cdn-loop", /^latchkey$/],
  ["host", /^127\.0\.0\.1:\d+$/],
  ["connection", /^keep-alive$/],
  ["content-length", /^\d+$/],
  ["transfer-encoding", /^chunked$/],
];
/** A gateway responds to these itself. */
const neverPassed = new Set(["expect", "upgrade", "http2-settings"]);

function rewrite({ target, headers, body, optional }: Forwarded): ExpectedRequest {
  const origin = target.replace(/^https?:\/\/[^/?]*/i, "");
  const cut = origin.indexOf("?");
  const path = cut < 0 ? origin : origin.slice(0, cut);
  const query = cut < 0 ? "" : origin.slice(cut + 1);
  // One slash at the end means nothing in a route.
  const rest = oneSpelling(path)
    .replace(/([^/])\/$/, "$1")
    .slice(1);
  const passed = optional.map((name) => name.toLowerCase()).filter((name) => !neverPassed.has(name));
  return {
    method: "POST",
    targets: [query === "" ? INTEGRATION_PATH : `${INTEGRATION_PATH}?${query}`],
    headers: rest === "" ? headers : [...headers, ["cx-path-rest", rest]],
    added: new Map([...own, ...passed.map((name) => [name, /^/] as const)]),
    body,
  };
}

/** RFC 3986 §6.2.2: escapes in upper case, and none for unreserved characters. */
function oneSpelling(path: string): string {
  const encoded = path.replace(
    /["<>[\]^`{|}]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return encoded.replace(/%[0-9a-f]{2}/gi, (triplet) => {
    const char = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(char) ? char : triplet.toUpperCase();
  });
}
