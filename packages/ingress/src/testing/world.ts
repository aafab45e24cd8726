/** A whole node for tests: a small control plane, one or more upstreams, an ingress on free ports. Tests only. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@latchkey/observe";
import type { Resource } from "@latchkey/snapshot";
import { SnapshotServer, type SnapshotServerOptions, served, Upstream } from "@latchkey/testkit";
import { UndiciClient } from "@latchkey/testkit/undici";
import { type IngressConfigInput, resolveIngressConfig } from "../config.js";
import { availableEngines } from "../fronts/create-engine.js";
import type { EngineName } from "../fronts/front-request.js";
import { type Ingress, runIngress } from "../run.js";
import { NodeEngine } from "./node-engine.js";

export { aKey, anApi, anIntegration, aRoute, served, type TestKey } from "@latchkey/testkit";

/** The engines of the product that work on this machine. */
export const engines: readonly EngineName[] = availableEngines();

/** Beside them one on `node:http`, to compare them with. */
export type TestEngine = EngineName | "node";

/** The client of the product, and undici to compare it with. */
export type TestClient = "http1" | "undici";

/** What tests of the request path run over: the product's engines with its client, and Node's own server with undici beside them. */
export const combinations: readonly Combination[] = [
  ...engines.map((engine) => ({ engine, client: "http1" as const, name: `${engine} + http1` })),
  { engine: "node", client: "undici", name: "node + undici" },
];

export interface Combination {
  readonly engine: TestEngine;
  readonly client: TestClient;
  readonly name: string;
}

export interface WorldOptions {
  readonly engine?: TestEngine;
  readonly client?: TestClient;
  readonly config?: IngressConfigInput;
  readonly server?: SnapshotServerOptions;
  readonly log?: boolean;
}

export class World implements AsyncDisposable {
  readonly server: SnapshotServer;
  readonly upstream: Upstream;
  readonly dataDir: string;
  readonly #options: WorldOptions;
  ingress!: Ingress;
  readonly logLines: string[] = [];

  private constructor(server: SnapshotServer, upstream: Upstream, dataDir: string, options: WorldOptions) {
    this.server = server;
    this.upstream = upstream;
    this.dataDir = dataDir;
    this.#options = options;
  }

  /** With nothing in it: load resources into `server`, then `startIngress`. */
  static async empty(options: WorldOptions = {}): Promise<World> {
    const server = await SnapshotServer.start(options.server);
    const upstream = await Upstream.start();
    return new World(server, upstream, mkdtempSync(join(tmpdir(), "latchkey-ingress-")), options);
  }

  /** Ready: these resources are applied. */
  static async of(
    resources: (world: World) => readonly Resource[],
    options: WorldOptions = {},
  ): Promise<World> {
    const world = await World.empty(options);
    world.server.load(served(...resources(world)));
    await world.startIngress();
    await world.server.acked();
    return world;
  }

  async startIngress(more: IngressConfigInput = {}): Promise<Ingress> {
    const { config = {}, engine, client } = this.#options;
    const input: IngressConfigInput = {
      port: 0,
      dataDir: this.dataDir,
      ...config,
      ...more,
      ...(engine === undefined || engine === "node" ? {} : { engine }),
      admin: { port: 0 },
      controlPlane: {
        address: this.server.address,
        retryFirstMs: 20,
        ...config.controlPlane,
        ...more.controlPlane,
      },
      upstreams: { allowCidrs: ["127.0.0.0/8", "::1/128"], ...config.upstreams, ...more.upstreams },
    };
    const log = createLogger({
      name: "ingress",
      level: "debug",
      stream: { write: (line: string) => void this.logLines.push(line) },
    });
    this.ingress = await runIngress(resolveIngressConfig(input), {
      log,
      makeEngine: engine === "node" ? (options) => new NodeEngine(options) : undefined,
      makeClient: client === "undici" ? (options) => new UndiciClient(options) : undefined,
    });
    return this.ingress;
  }

  get url(): string {
    return `http://127.0.0.1:${this.ingress.port}`;
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${this.ingress.adminPort}`;
  }

  /** Commits a change and waits until the node enforces it. */
  async change(
    upserts: readonly Resource[],
    removals: readonly { kind: string; id: string }[] = [],
  ): Promise<void> {
    this.server.change(served(...upserts), removals);
    await this.server.acked();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ingress?.close();
    await this.server.close();
    await this.upstream.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
