/** `latchkey control-plane` itself on a core of its own, over the tables that were filled before; asked over GraphQL. */
import { dirname, join } from "node:path";
import { startProcess, type TestProcess } from "@latchkey/testkit";
import { PROXY_CORE } from "../support/child.js";
import { cpuTimeUs } from "../support/cpu-time.js";

const latchkey = join(import.meta.dirname, "../../packages/cli/bin/latchkey.js");
const ADMIN_TOKEN = "bench-admin-token-0123456789abcdef";
/** It reads 100 000 APIs first. */
const START_MS_MAX = 600_000;

export type Variables = Readonly<Record<string, unknown>>;

interface GraphqlResult<T> {
  readonly data?: T & Record<string, { readonly userErrors?: readonly unknown[] } | null>;
  readonly errors?: readonly unknown[];
}

export class ControlPlane implements AsyncDisposable {
  readonly #process: TestProcess;
  #url = "";
  grpcAddress = "";

  static async start(database: string): Promise<ControlPlane> {
    const controlPlane = new ControlPlane(database);
    const urls = await controlPlane.#process.waitForJson<{ graphql: string; grpc: string }>(START_MS_MAX);
    controlPlane.#url = urls.graphql;
    controlPlane.grpcAddress = urls.grpc;
    return controlPlane;
  }

  private constructor(database: string) {
    this.#process = startProcess({
      command: "taskset",
      args: ["-c", PROXY_CORE, process.execPath, latchkey, "control-plane"],
      env: {
        LATCHKEY_CONTROL_PLANE_DATA_DIR: dirname(database),
        LATCHKEY_CONTROL_PLANE_HTTP_PORT: "0",
        LATCHKEY_CONTROL_PLANE_GRPC_PORT: "0",
        LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: ADMIN_TOKEN,
        LATCHKEY_CONTROL_PLANE_LOG_LEVEL: "error",
        LATCHKEY_PRINT_URLS: "true",
      },
    });
  }

  /** All of its threads' time so far. */
  get cpuUs(): number {
    return cpuTimeUs([this.#process.pid]);
  }

  /** @returns the data; an error, or a user error, ends the bench */
  async ask<T>(query: string, variables: Variables = {}): Promise<T> {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${ADMIN_TOKEN}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as GraphqlResult<T>;
    const refused = Object.values(data ?? {}).some((payload) => (payload?.userErrors ?? []).length > 0);
    if (data === undefined || errors !== undefined || refused)
      throw new Error(JSON.stringify({ data, errors }));
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
