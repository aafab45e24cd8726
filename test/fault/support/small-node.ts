/** One ingress process that is fed by the test itself, without a control plane: quick to start, and as real for traffic. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateApiKey } from "@latchkey/core";
import {
  aKey,
  anApi,
  anIntegration,
  aRoute,
  eventually,
  type ServedResource,
  SnapshotServer,
  type SnapshotServerOptions,
  served,
  startProcess,
  type TestProcess,
} from "@latchkey/testkit";
import { latchkeyCommand } from "../../support/stack.js";
import { rssMib } from "./figures.js";
import { shoot } from "./traffic.js";

export const key = generateApiKey();

/** One API with one key; each path goes to an integration of its own. */
export function resourcesOf(targets: Readonly<Record<string, string>>, title = "an API"): ServedResource[] {
  const names = Object.keys(targets);
  const routes = names.map((name) => aRoute("ANY", `/${name}`, `int_${name}`));
  return served(
    ...names.map((name) => anIntegration(`int_${name}`, targets[name] ?? "")),
    anApi("api_1", routes, { title }),
    aKey("key_1", "api_1", {}, key).resource,
  );
}

export interface SmallNodeOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Of the caller; without it one is made and removed. */
  readonly dataDir?: string;
  /** Where the node finds the server: by default where it is. */
  readonly addressOf?: (server: SnapshotServer) => string;
  /** Takes the node's log instead of `process.output`. */
  readonly stderrFd?: number;
  /** File descriptors that the process may have open (`ulimit -n`). */
  readonly descriptors?: number;
  readonly server?: SnapshotServerOptions;
}

export class SmallNode implements AsyncDisposable {
  readonly server: SnapshotServer;
  readonly process: TestProcess;
  readonly #ownDir: string | null;
  /** Must not be in what the node writes. */
  readonly secrets = new Set([key]);
  url = "";
  adminUrl = "";

  private constructor(server: SnapshotServer, options: SmallNodeOptions) {
    this.server = server;
    this.#ownDir = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), "latchkey-node-")) : null;
    this.process = startIngress(
      options.addressOf?.(server) ?? server.address,
      options.dataDir ?? this.#ownDir ?? "",
      options.env,
      options.stderrFd,
      options.descriptors,
    );
  }

  /** Ready: these are applied. */
  static async start(
    resources: readonly ServedResource[],
    options: SmallNodeOptions = {},
  ): Promise<SmallNode> {
    const server = await SnapshotServer.start(options.server);
    server.load(resources);
    const node = new SmallNode(server, options);
    const urls = await node.process.waitForJson<{ ingress: string; admin: string }>();
    node.url = urls.ingress;
    node.adminUrl = urls.admin;
    await server.acked();
    return node;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Resident memory. */
  get rssMib(): number {
    return rssMib(this.process.pid);
  }

  async metric(name: string): Promise<number> {
    const { body } = await shoot({ url: `${this.adminUrl}/metrics` });
    const line = body.split("\n").find((text) => text.startsWith(`${name} `));
    return Number(line?.split(" ").at(-1));
  }

  /** Waits until nothing is in flight. @returns milliseconds */
  async isIdle(): Promise<number> {
    const startedMs = performance.now();
    const look = async () => ((await this.metric("latchkey_ingress_in_flight")) === 0 ? true : undefined);
    await eventually(look, "nothing is in flight");
    return performance.now() - startedMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await this.server.close();
    if (this.#ownDir !== null) rmSync(this.#ownDir, { recursive: true, force: true });
    for (const secret of this.secrets)
      if (this.process.output.includes(secret)) throw new Error("a key is in the node's output");
  }
}

export function startIngress(
  address: string,
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
  stderrFd?: number,
  descriptors?: number,
): TestProcess {
  const args = [latchkeyCommand, "ingress"];
  const limited = ["-c", `ulimit -n ${descriptors}; exec "$@"`, "sh", process.execPath, ...args];
  return startProcess({
    ...(stderrFd === undefined ? {} : { stderrFd }),
    ...(descriptors === undefined ? { args } : { command: "sh", args: limited }),
    env: {
      LATCHKEY_INGRESS_PORT: "0",
      LATCHKEY_INGRESS_ADMIN_PORT: "0",
      LATCHKEY_INGRESS_DATA_DIR: dataDir,
      LATCHKEY_INGRESS_CONTROL_PLANE_ADDRESS: address,
      LATCHKEY_INGRESS_UPSTREAMS_ALLOW_CIDRS: "127.0.0.0/8",
      LATCHKEY_PRINT_URLS: "true",
      ...env,
    },
  });
}
