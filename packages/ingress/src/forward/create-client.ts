/** Picks the upstream client that the configuration asks for. */

import { UndiciClient } from "./undici-client.js";
import type { ClientFactory } from "./upstream-pools.js";

export type UpstreamClientName = "http1" | "undici";

export function clientFactory(name: UpstreamClientName | "auto"): {
  readonly name: UpstreamClientName;
  readonly create: ClientFactory;
} {
  void name;
  return { name: "undici", create: (options) => new UndiciClient(options) };
}
