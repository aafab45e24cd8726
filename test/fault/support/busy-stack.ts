/** A whole Latchkey with an upstream, one API and traffic over it: what most faults break into. */
import { type RelayTarget, TcpRelay } from "@latchkey/testkit";
import { Recorder } from "../../support/recorder.js";
import {
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
  type Revision,
  type RouteForm,
} from "../../support/seed.js";
import { Stack, type StackOptions } from "../../support/stack.js";
import { Traffic } from "./traffic.js";

const CLIENTS = 2;
const PAUSE_MS = 5;

const revocations = ["disable", "expire", "delete"] as const;
export type Revocation = (typeof revocations)[number];

/** What a revoked key gets: 403 disabled or expired, 401 deleted. */
export function isRefused(status: number): boolean {
  return status === 403 || status === 401;
}

type Parts = Pick<
  BusyStack,
  "stack" | "relay" | "subscriptionId" | "integrationId" | "routes" | "api" | "traffic"
>;

export class BusyStack implements AsyncDisposable {
  readonly stack: Stack;
  /** Between nodes and control plane. */
  readonly relay: TcpRelay;
  readonly subscriptionId: string;
  readonly integrationId: string;
  readonly routes: readonly RouteForm[];
  readonly api: MadeApi;
  readonly traffic: Traffic;
  readonly #recorder: Recorder;
  #revoked = 0;

  private constructor(parts: Parts, recorder: Recorder) {
    this.stack = parts.stack;
    this.relay = parts.relay;
    this.subscriptionId = parts.subscriptionId;
    this.integrationId = parts.integrationId;
    this.routes = parts.routes;
    this.api = parts.api;
    this.traffic = parts.traffic;
    this.#recorder = recorder;
  }

  /** Nodes come through the relay, and come back quickly unless they shall wait between attempts as they usually do. */
  static async start(options: StackOptions & { readonly waitsAsUsual?: boolean } = {}): Promise<BusyStack> {
    const recorder = await Recorder.start();
    const stack = await Stack.start({ ...options, nodes: 0 });
    const target = (): RelayTarget => ({
      host: "127.0.0.1",
      port: Number(stack.grpcAddress.split(":").at(-1)),
    });
    const relay = await TcpRelay.start(target);
    const env = {
      LATCHKEY_INGRESS_CONTROL_PLANE_ADDRESS: `127.0.0.1:${relay.port}`,
      ...(options.waitsAsUsual === true ? {} : { LATCHKEY_INGRESS_CONTROL_PLANE_RETRY_MAX_MS: "250" }),
    };
    for (let i = 1; i <= (options.nodes ?? 1); i++) await stack.addIngress(`node-${i}`, env);
    const subscriptionId = await makeSubscription(stack);
    const integrationId = await makeIntegration(stack, subscriptionId, "only", `${recorder.url}/only`);
    const routes = [{ method: "ANY", path: "/a", integrationId }];
    const api = await makeApi(stack, subscriptionId, "steady", routes);
    await enforced(stack, api.revision);
    const traffic = new Traffic(
      CLIENTS,
      () => ({ url: `${stack.ingress.url}/a`, key: api.secret }),
      PAUSE_MS,
    );
    return new BusyStack({ stack, relay, subscriptionId, integrationId, routes, api, traffic }, recorder);
  }

  get url(): string {
    return `${this.stack.ingress.url}/a`;
  }

  makeApi(title: string): Promise<MadeApi> {
    return makeApi(this.stack, this.subscriptionId, title, this.routes);
  }

  /** Disables the API's key, lets it expire or deletes it: each in its turn, unless told. */
  async revoke(
    api: MadeApi,
    how: Revocation = revocations[this.#revoked++ % revocations.length] ?? "disable",
  ): Promise<Revision | null> {
    const id = api.keyId;
    if (how === "delete")
      return (await mutate(this.stack, "deleteApiKey", { id }, "deletedApiKeyId")).revision;
    const change =
      how === "disable" ? { active: false } : { expiresAt: new Date(Date.now() - 1).toISOString() };
    return (await mutate(this.stack, "updateApiKey", { id, ...change }, "key { id }")).revision;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.traffic.stop();
    await this.stack[Symbol.asyncDispose]();
    await this.relay[Symbol.asyncDispose]();
    await this.#recorder[Symbol.asyncDispose]();
  }
}
