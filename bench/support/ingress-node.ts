/** One ingress process for a measurement: started, asked for its metrics, ended. */
import { join } from "node:path";
import { eventually, freePort } from "@latchkey/testkit";
import type { CertificateFiles } from "./certificate.js";
import { type Child, startChild } from "./child.js";

const command = join(import.meta.dirname, "../../packages/cli/bin/latchkey.js");

export interface NodeOptions {
  readonly cores: string;
  readonly dataDir: string;
  readonly controlPlane: string;
  /** Of a control plane that asks for them. */
  readonly identity?: { readonly nodeId: string; readonly token: string };
  /** Without it, any free one. */
  readonly port?: number;
  readonly engine?: string;
  /** The binary of Node.js that runs it; without it, the one of this process. */
  readonly nodeBinary?: string;
  readonly workers?: number;
  readonly tls?: CertificateFiles | null;
  /** More settings. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What credentials of the bench refer to. */
export const SECRET_REFERENCE = "env:LATCHKEY_SECRET_BENCH";

export interface RunningNode {
  readonly port: number;
  readonly child: Child;
  /** From the start of the process until it was ready to serve. */
  readonly readyAfterMs: number;
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const port = options.port ?? (await freePort());
  const adminPort = await freePort();
  const startedAt = performance.now();
  const child = startChild(options.cores, options.nodeBinary ?? process.execPath, [command, "ingress"], {
    LATCHKEY_INGRESS_ENGINE: options.engine ?? "strict",
    LATCHKEY_INGRESS_PORT: String(port),
    LATCHKEY_INGRESS_ADMIN_PORT: String(adminPort),
    LATCHKEY_INGRESS_DATA_DIR: options.dataDir,
    LATCHKEY_INGRESS_CONTROL_PLANE_ADDRESS: options.controlPlane,
    LATCHKEY_INGRESS_UPSTREAMS_ALLOW_CIDRS: "127.0.0.0/8",
    LATCHKEY_INGRESS_LIMITS_IN_FLIGHT_PER_INTEGRATION_MAX: "10000",
    LATCHKEY_INGRESS_UPSTREAMS_QUEUE_MAX: "10000",
    LATCHKEY_INGRESS_WORKERS: String(options.workers ?? 1),
    LATCHKEY_INGRESS_LOG_LEVEL: "warn",
    LATCHKEY_SECRET_BENCH: "secret-of-the-bench-0123456789abcdef",
    LATCHKEY_INGRESS_LIMITS_CONNECTIONS_PER_ADDRESS_MAX: "20000", // the load has one address, and is counted all the same
    ...(options.identity
      ? {
          LATCHKEY_INGRESS_NODE_ID: options.identity.nodeId,
          LATCHKEY_INGRESS_CONTROL_PLANE_TOKEN: options.identity.token,
        }
      : {}),
    ...(options.tls
      ? {
          LATCHKEY_INGRESS_TLS_CERT_FILE: options.tls.certFile,
          LATCHKEY_INGRESS_TLS_KEY_FILE: options.tls.keyFile,
        }
      : {}),
    ...options.env,
  });
  const admin = `http://127.0.0.1:${adminPort}`;
  await eventually(
    async () => {
      if (!child.alive()) throw new Error(child.output());
      return (await fetch(`${admin}/readyz`)).status === 200 ? true : undefined;
    },
    "the node is ready",
    { timeoutMs: 120_000, everyMs: 10 },
  );
  return {
    port,
    child,
    readyAfterMs: performance.now() - startedAt,
    async metric(name) {
      const text = await (await fetch(`${admin}/metrics`)).text();
      const line = text.split("\n").find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
      if (line === undefined) throw new Error(`there is no metric ${name}`);
      return Number(line.split(" ").at(-1));
    },
    stop: () => child.stop(),
  };
}
