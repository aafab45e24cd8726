/**
 * Has grpc-js resolve a server's host by our own resolver: its own one uses `dns.lookup`, and with it the thread pool
 * that files need. Registers a name scheme of its own with grpc-js; the resolver comes with the channel's options.
 */
import { type ChannelOptions, experimental, Metadata, status } from "@grpc/grpc-js";
import type { HostAddress } from "./host-address.js";
import type { NameResolver } from "./name-resolver.js";

const SCHEME = "latchkey";
const RESOLVER_OPTION = "latchkey.name_resolver";
const PORT_DEFAULT = 443;

/** The target and channel options for `host:port`. Addresses of other schemes (`unix:`) are grpc-js' own matter. */
export function grpcTarget(
  address: string,
  resolver: NameResolver,
): { readonly target: string; readonly options: ChannelOptions } {
  if (/^(?:unix|dns|ipv4|ipv6|unix-abstract):/.test(address)) return { target: address, options: {} };
  return { target: `${SCHEME}:${address}`, options: { [RESOLVER_OPTION]: resolver } };
}

class ServerNames implements experimental.Resolver {
  readonly #target: experimental.GrpcUri;
  readonly #listener: experimental.ResolverListener;
  readonly #resolver: NameResolver;
  /** Grows with each `destroy`, so that what was asked before is not reported. */
  #generation = 0;
  /** grpc-js asks again whenever it fails to connect. Once is enough: a channel that failed is replaced. */
  #isAsked = false;

  constructor(
    target: experimental.GrpcUri,
    listener: experimental.ResolverListener,
    channelOptions: ChannelOptions,
  ) {
    this.#target = target;
    this.#listener = listener;
    this.#resolver = channelOptions[RESOLVER_OPTION] as NameResolver;
  }

  static getDefaultAuthority(target: experimental.GrpcUri): string {
    return target.path;
  }

  updateResolution(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const generation = this.#generation;
    const place = experimental.splitHostPort(this.#target.path);
    if (place === null) {
      this.#reportLater(generation, `"${this.#target.path}" is not host:port`, []);
      return;
    }
    this.#resolver.resolve(place.host, (error, addresses) => {
      this.#reportLater(generation, error?.message ?? null, addresses, place.port);
    });
  }

  destroy(): void {
    this.#generation++;
    this.#isAsked = false;
  }

  /** Never from inside `updateResolution`, as grpc-js asks. */
  #reportLater(
    generation: number,
    problem: string | null,
    addresses: readonly HostAddress[],
    port = PORT_DEFAULT,
  ): void {
    process.nextTick(() => {
      if (generation !== this.#generation) return;
      const endpoints =
        problem === null
          ? experimental.statusOrFromValue<experimental.Endpoint[]>(
              addresses.map(({ address }) => ({ addresses: [{ host: address, port }] })),
            )
          : experimental.statusOrFromError<experimental.Endpoint[]>({
              code: status.UNAVAILABLE,
              details: problem,
              metadata: new Metadata(),
            });
      this.#listener(endpoints, {}, null, "");
    });
  }
}

experimental.registerResolver(SCHEME, ServerNames);
