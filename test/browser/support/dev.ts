/** `latchkey dev` as a real process for browser tests: control plane, ingress node and sample upstream on free ports. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startProcess, type TestProcess } from "@latchkey/testkit";

export const root = join(import.meta.dirname, "../../..");

const command = join(root, "packages/cli/bin/latchkey.js");

export interface SampleApi {
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly apiId: string;
  readonly keyId: string;
  readonly key: string;
  readonly url: string;
}

export interface MakeApiOptions {
  readonly routes?: readonly string[];
  readonly isRecoverable?: boolean;
}

export interface MadeApi {
  readonly id: string;
  readonly keyId: string;
  readonly secret: string;
}

interface Report {
  readonly consoleUrl: string;
  readonly graphqlUrl: string;
  readonly ingressUrl: string;
  readonly adminToken: string;
  readonly apis: readonly SampleApi[];
}

export class Dev implements AsyncDisposable {
  readonly dataDir: string;
  readonly #process: TestProcess;
  readonly report: Report;

  private constructor(dataDir: string, process: TestProcess, report: Report) {
    this.dataDir = dataDir;
    this.#process = process;
    this.report = report;
  }

  static async start(dataDir = mkdtempSync(join(tmpdir(), "latchkey-browser-"))): Promise<Dev> {
    const ports = ["--graphql-port", "--grpc-port", "--ingress-port"];
    const options = await Promise.all(ports.map(async (option) => [option, String(await freePort())]));
    const process = startProcess({
      args: [command, "dev", "--json", ...options.flat(), "--data-dir", dataDir],
    });
    return new Dev(dataDir, process, await process.waitForJson<Report>(240_000));
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Ends the processes and keeps the data. */
  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** Stops the control plane where it is: connections stay and nothing responds. */
  freezeControlPlane(): void {
    process.kill(this.#controlPlanePid(), "SIGSTOP");
  }

  thawControlPlane(): void {
    process.kill(this.#controlPlanePid(), "SIGCONT");
  }

  /** `latchkey dev` runs it as a process of its own. */
  #controlPlanePid(): number {
    const { pid } = this.#process;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
    const found = children.find((child) =>
      readFileSync(`/proc/${child}/cmdline`, "utf8").split("\0").includes("control-plane"),
    );
    if (found === undefined) throw new Error("there is no control plane");
    return found;
  }

  sample(index: number): SampleApi {
    const api = this.report.apis[index];
    if (api === undefined) throw new Error(`there is no sample API ${index}`);
    return api;
  }

  /** Asks as the admin, past the console: to prepare and to check. */
  async graphql<T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const response = await fetch(this.report.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.report.adminToken}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: readonly unknown[] };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** One mutation; user errors fail. */
  async mutate<T>(name: string, input: Readonly<Record<string, unknown>>, selection: string): Promise<T> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const response = await this.graphql<Record<string, T & { userErrors: readonly unknown[] }>>(
      `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { field message } } }`,
      { input },
    );
    const payload = response[name];
    if (payload === undefined || payload.userErrors.length > 0) throw new Error(JSON.stringify(payload));
    return payload;
  }

  /** The sample subscription and its integrations by name. */
  async sampleIds(): Promise<{
    readonly subscriptionId: string;
    readonly integrations: Readonly<Record<string, string>>;
  }> {
    const { integrations } = await this.graphql<{
      integrations: { nodes: { id: string; name: string; subscription: { id: string } }[] };
    }>("{ integrations(first: 100) { nodes { id name subscription { id } } } }");
    const north = integrations.nodes.find((node) => node.name === "north");
    if (north === undefined) throw new Error("there is no sample integration");
    return {
      subscriptionId: north.subscription.id,
      integrations: Object.fromEntries(integrations.nodes.map((node) => [node.name, node.id])),
    };
  }

  /** An API of the sample subscription, for one test alone. Routes as `PUT /orders/{id} north`. */
  async makeApi(title: string, options: MakeApiOptions = {}): Promise<MadeApi> {
    const { subscriptionId, integrations } = await this.sampleIds();
    const routes = (options.routes ?? ["GET /things/{id} north"]).map((text) => {
      const [method, path, name = ""] = text.split(" ");
      return { method, path, integrationId: integrations[name] };
    });
    const { api, key, secret } = await this.mutate<{
      api: { id: string };
      key: { id: string };
      secret: string;
    }>(
      "createApi",
      { title, subscriptionId, routes, recoverable: options.isRecoverable ?? false },
      "api { id } key { id } secret",
    );
    return { id: api.id, keyId: key.id, secret };
  }

  /** Status of a request through the ingress. */
  async statusAt(path: string, options: { key?: string; method?: string } = {}): Promise<number> {
    const response = await fetch(new URL(path, this.report.ingressUrl), {
      method: options.method ?? "GET",
      headers: options.key === undefined ? {} : { "Connxio-Api-Key": options.key },
    });
    await response.arrayBuffer();
    return response.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
