/** A control plane on a port of its own, for one test file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlPlaneSchema, runControlPlane } from "@latchkey/control-plane";
import { createLogger } from "@latchkey/observe";
import { getIntrospectionQuery, type IntrospectionQuery } from "graphql";

export const TOKEN = "an-admin-token-of-the-tests";

export interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

export interface TestServer extends AsyncDisposable {
  readonly url: string;
  post(query: string, variables?: Readonly<Record<string, unknown>>): Promise<Result>;
  introspect(): Promise<IntrospectionQuery>;
}

export async function startServer(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-graphql-clients-"));
  const config = controlPlaneSchema.parse({
    dataDir: folder,
    adminToken: TOKEN,
    http: { port: 0 },
    grpc: { port: 0 },
  });
  const controlPlane = await runControlPlane(config, {
    logger: createLogger({ name: "test", level: "silent" }),
  });
  const post = async (query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Result> => {
    const response = await fetch(controlPlane.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Result;
  };
  return {
    url: controlPlane.graphqlUrl,
    post,
    introspect: async () => {
      const { data } = await post(getIntrospectionQuery({ specifiedByUrl: true }));
      return data as unknown as IntrospectionQuery;
    },
    [Symbol.asyncDispose]: async () => {
      await controlPlane.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
