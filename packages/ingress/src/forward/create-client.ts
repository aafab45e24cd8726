/** Picks the upstream client that the configuration asks for. */
import { Http1Pool } from "@latchkey/http1";
import { UndiciClient } from "./undici-client.js";
import type { ClientFactory } from "./upstream-pools.js";

export type UpstreamClientName = "http1" | "undici";

export const upstreamClientNames: readonly UpstreamClientName[] = ["http1", "undici"];

export interface NamedClientFactory {
  readonly name: UpstreamClientName;
  readonly create: ClientFactory;
}

export function clientFactory(name: UpstreamClientName): NamedClientFactory {
  return name === "undici"
    ? { name, create: (options) => new UndiciClient(options) }
    : { name: "http1", create: (options) => new Http1Pool(options) };
}
