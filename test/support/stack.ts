/**
 * The whole of Latchkey as separate processes for end-to-end tests: one control plane, any number of ingress nodes.
 * Ends everything on dispose. All output is kept, and dispose fails when a secret that was used appears in it.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { eventually, freePort, startProcess, type TestProcess } from "@latchkey/testkit";
import { SecretSearch } from "./secret-search.js";

export const latchkeyCommand = join(import.meta.dirname, "../../packages/cli/bin/latchkey.js");
const standbyCommand = join(import.meta.dirname, "standby-control-plane.mjs");

type Env = Readonly<Record<string, string>>;

export interface IngressHandle {
  readonly name: string;
  process: TestProcess;
  url: string;
  adminUrl: string;
}

/** A node's name and the token that it comes with. */
export interface NodeTicket {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

export interface StackOptions {
  readonly nodes?: number;
  readonly engine?: string;
  readonly controlPlaneEnv?: Env;
  readonly ingressEnv?: Env;
  /** Options of Node.js itself for ingress processes. */
  readonly ingressNodeOptions?: readonly string[];
  /** Instead of the command of this checkout. */
  readonly commands?: Partial<Commands>;
}

/** What the next processes are started by. */
export interface Commands {
  controlPlane: string;
  ingress: string;
}

export interface UserError {
  readonly field: readonly string[] | null;
  readonly code: string;
  readonly message: string;
}

/** Of the control plane, which listens on them again when it restarts. */
interface Ports {
  readonly http: number;
  readonly grpc: number;
}

const ADMIN_TOKEN = "e2e-admin-token-0123456789abcdef";

export class Stack implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), "latchkey-e2e-"));
  readonly adminToken = ADMIN_TOKEN;
  readonly secrets = new Set<string>([ADMIN_TOKEN]);
  readonly #outputs: TestProcess[] = [];
  readonly #env: { controlPlane: Env; ingress: Env };
  readonly #ingressNodeOptions: readonly string[];
  readonly #ports: Ports;
  controlPlane: TestProcess;
  graphqlUrl = "";
  grpcAddress = "";
  readonly ingresses: IngressHandle[] = [];
  readonly commands: Commands;

  private constructor(
    env: { controlPlane: Env; ingress: Env },
    { ingressNodeOptions = [], commands = {} }: StackOptions,
    ports: Ports,
  ) {
    this.#env = env;
    this.#ingressNodeOptions = ingressNodeOptions;
    this.commands = { controlPlane: latchkeyCommand, ingress: latchkeyCommand, ...commands };
    this.#ports = ports;
    this.controlPlane = this.#startControlPlane();
  }

  static async start(options: StackOptions = {}): Promise<Stack> {
    const env = {
      controlPlane: options.controlPlaneEnv ?? {},
      ingress: { LATCHKEY_INGRESS_ENGINE: options.engine ?? "strict", ...options.ingressEnv },
    };
    const stack = new Stack(env, options, { http: await freePort(), grpc: await freePort() });
    try {
      await stack.controlPlaneReady();
      for (let i = 1; i <= (options.nodes ?? 1); i++) await stack.addIngress(`node-${i}`);
      return stack;
    } catch (error) {
      // No caller has the processes that run already.
      await stack[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Data folder of the control plane. */
  get dataDir(): string {
    return this.#env.controlPlane.LATCHKEY_CONTROL_PLANE_DATA_DIR ?? join(this.dir, "control-plane");
  }

  #startControlPlane(args: readonly string[] = [this.commands.controlPlane, "control-plane"]): TestProcess {
    const process = startProcess({
      args,
      env: {
        LATCHKEY_CONTROL_PLANE_DATA_DIR: join(this.dir, "control-plane"),
        LATCHKEY_CONTROL_PLANE_HTTP_PORT: String(this.#ports.http),
        LATCHKEY_CONTROL_PLANE_GRPC_PORT: String(this.#ports.grpc),
        LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: ADMIN_TOKEN,
        LATCHKEY_CONTROL_PLANE_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString("base64"),
        LATCHKEY_CONTROL_PLANE_UPSTREAM_ALLOW_CIDRS: "127.0.0.0/8,::1/128",
        // No test here asks for it, and it reads .proto files at each start.
        LATCHKEY_CONTROL_PLANE_GRPC_REFLECTION: "off",
        LATCHKEY_PRINT_URLS: "true",
        ...this.#env.controlPlane,
      },
    });
    this.#outputs.push(process);
    return process;
  }

  async controlPlaneReady(): Promise<void> {
    const urls = await this.controlPlane.waitForJson<{ graphql: string; grpc: string }>();
    this.graphqlUrl = urls.graphql;
    this.grpcAddress = urls.grpc;
  }

  /** A new control plane on the old ports and data, started and not awaited. */
  startControlPlane(): void {
    this.controlPlane = this.#startControlPlane();
  }

  /** A new control plane on the old ports and data. */
  async restartControlPlane(): Promise<void> {
    this.startControlPlane();
    await this.controlPlaneReady();
  }

  /** A control plane on the old ports and data that has loaded its code and waits for `promote`. */
  prepareControlPlane(): TestProcess {
    return this.#startControlPlane([standbyCommand]);
  }

  /** Lets a prepared control plane begin, and waits for it. */
  async promote(standby: TestProcess): Promise<void> {
    await standby.waitFor((stdout) => (stdout.includes("loaded\n") ? true : undefined));
    standby.kill("SIGUSR2");
    this.controlPlane = standby;
    await this.controlPlaneReady();
  }

  async makeNode(name: string): Promise<NodeTicket> {
    const { createNode } = await this.graphql<{ createNode: { token: string; node: { id: string } } }>(
      `mutation($input: CreateNodeInput!) {
        createNode(input: $input) { token node { id } userErrors { code message } }
      }`,
      { input: { name } },
    );
    this.secrets.add(createNode.token);
    return { id: createNode.node.id, name, token: createNode.token };
  }

  async addIngress(name: string, env: Env = {}): Promise<IngressHandle> {
    const { token } = await this.makeNode(name);
    const handle: IngressHandle = {
      name,
      process: this.#startIngress(name, { LATCHKEY_INGRESS_CONTROL_PLANE_TOKEN: token, ...env }),
      url: "",
      adminUrl: "",
    };
    await this.ingressReady(handle);
    this.ingresses.push(handle);
    return handle;
  }

  /** A node that is started and listens, ready or not. */
  async startIngressUnready(name: string, env: Env = {}): Promise<IngressHandle> {
    const handle: IngressHandle = { name, process: this.#startIngress(name, env), url: "", adminUrl: "" };
    await this.#listens(handle);
    this.ingresses.push(handle);
    return handle;
  }

  async #listens(handle: IngressHandle): Promise<void> {
    const urls = await handle.process.waitForJson<{ ingress: string; admin: string }>();
    handle.url = urls.ingress;
    handle.adminUrl = urls.admin;
  }

  readonly #ingressEnv = new Map<string, Env>();

  #startIngress(name: string, env: Env): TestProcess {
    this.#ingressEnv.set(name, env);
    const process = startProcess({
      args: [...this.#ingressNodeOptions, this.commands.ingress, "ingress"],
      env: {
        LATCHKEY_INGRESS_NODE_ID: name,
        LATCHKEY_INGRESS_PORT: "0",
        LATCHKEY_INGRESS_ADMIN_PORT: "0",
        LATCHKEY_INGRESS_DATA_DIR: join(this.dir, name),
        LATCHKEY_INGRESS_CONTROL_PLANE_ADDRESS: this.grpcAddress,
        LATCHKEY_INGRESS_UPSTREAMS_ALLOW_CIDRS: "127.0.0.0/8,::1/128",
        LATCHKEY_PRINT_URLS: "true",
        ...this.#env.ingress,
        ...env,
      },
    });
    this.#outputs.push(process);
    return process;
  }

  /** Waits until the node listens and has a revision. */
  async ingressReady(handle: IngressHandle): Promise<void> {
    await this.#listens(handle);
    await eventually(async () => {
      const response = await fetch(`${handle.adminUrl}/readyz`);
      return response.status === 200 ? true : undefined;
    }, `${handle.name} is ready`);
  }

  /** A new process for a node that ended; its data folder is kept. */
  restartIngress(handle: IngressHandle): void {
    handle.process = this.#startIngress(handle.name, this.#ingressEnv.get(handle.name) ?? {});
  }

  get ingress(): IngressHandle {
    const [first] = this.ingresses;
    if (first === undefined) throw new Error("the stack has no ingress");
    return first;
  }

  async graphql<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
    await seeClosedConnections();
    const response = await fetch(this.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.adminToken}` },
      body: JSON.stringify({ query, variables }),
    });
    const result = (await response.json()) as { data?: T; errors?: readonly { message: string }[] };
    if (result.errors !== undefined) throw new Error(result.errors.map((error) => error.message).join("; "));
    return result.data as T;
  }

  /** Every log line and file so far, for the search for secrets. */
  leaks(): string[] {
    const found: string[] = [];
    const search = new SecretSearch(this.secrets);
    for (const process of this.#outputs) if (search.isIn(process.output)) found.push("process output");
    const dirs = new Set([this.dir, this.dataDir].filter((dir) => existsSync(dir)));
    for (const dir of dirs)
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        if (search.isInFile(path)) found.push(path);
      }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#outputs) await process[Symbol.asyncDispose]();
    const leaks = this.leaks();
    rmSync(this.dir, { recursive: true, force: true });
    if (leaks.length > 0) throw new Error(`secrets were found in: ${leaks.join(", ")}`);
  }
}

/**
 * A test that ran a command synchronously (spawnSync) for longer than a server keeps connections has not seen yet that they were
 * closed, and would send a POST into one. The first turn ends the event loop's present round, the second polls the sockets.
 */
async function seeClosedConnections(): Promise<void> {
  await setImmediate();
  await setImmediate();
}
