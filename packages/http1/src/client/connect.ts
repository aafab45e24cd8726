// Opens a connection to an origin: finds its addresses, asks about each whether it may be connected to, races those that may.
// Knows nothing of HTTP.

import { isIP, isIPv4, connect as netConnect, type OnReadOpts, type Socket } from "node:net";
import { type ConnectionOptions, connect as tlsConnect } from "node:tls";
import type { AddressOrder } from "./address-order.js";
import { AddressRace } from "./address-race.js";
import { systemResolver } from "./host-resolver.js";
import type { UpstreamAddress, UpstreamErrorCode, UpstreamTlsOptions } from "./upstream-client.js";
import type { ResolvedPoolOptions } from "./upstream-options.js";

/** The kernel asks whether the origin is still there after this long without a byte (ten times, a second apart). */
const KEEP_ALIVE_PROBE_MS = 30_000;

class AddressRefusedError extends Error {
  readonly code = "ADDRESS_REFUSED";
}

export interface OpenerOwner {
  /** The addresses are known, and the first attempt begins. */
  addressesFound(): void;
  /** TCP is connected; of a TLS socket the handshake follows. */
  socketOpened(socket: Socket, address: UpstreamAddress): void;
  openFailed(error: Error): void;
}

/** Tells its owner the end once, later, unless it is canceled. */
export class SocketOpener {
  readonly #options: ResolvedPoolOptions;
  readonly #onread: OnReadOpts;
  readonly #order: AddressOrder;
  readonly #owner: OpenerOwner;
  #race: AddressRace | null = null;
  #canceled = false;

  constructor(options: ResolvedPoolOptions, onread: OnReadOpts, order: AddressOrder, owner: OpenerOwner) {
    this.#options = options;
    this.#onread = onread;
    this.#order = order;
    this.#owner = owner;
    const { host, resolver = systemResolver } = options;
    const family = isIP(host);
    if (family !== 0) this.#connect([{ address: host, family: family === 6 ? 6 : 4 }]);
    else
      resolver.resolve(host, (error, addresses) => {
        if (error !== null) this.#fail(error);
        else this.#connect(addresses);
      });
  }

  cancel(): void {
    this.#canceled = true;
    this.#race?.cancel();
  }

  #connect(addresses: readonly UpstreamAddress[]): void {
    if (this.#canceled) return;
    const { checkAddress } = this.#options;
    const allowed = checkAddress === undefined ? addresses : addresses.filter(checkAddress);
    if (allowed.length === 0) {
      this.#fail(new AddressRefusedError("no address of the origin is allowed"));
      return;
    }
    this.#owner.addressesFound();
    this.#race = new AddressRace(
      this.#order.next(allowed),
      ({ address }) => openSocket(this.#options, address, this.#onread),
      (socket, address) => {
        this.#order.connectedTo(address);
        this.#owner.socketOpened(socket, address);
      },
      (error) => this.#fail(error),
    );
  }

  /** Later: it may be known at once. */
  #fail(error: Error): void {
    process.nextTick(() => {
      if (!this.#canceled) this.#owner.openFailed(error);
    });
  }
}

function openSocket(options: ResolvedPoolOptions, address: string, onread: OnReadOpts): Socket {
  const { port, tls } = options;
  if (tls !== undefined) return openTlsSocket(options, tls, address, onread);
  return netConnect({
    host: address,
    port,
    onread,
    allowHalfOpen: true, // after the origin's end a reset can still be asked for
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
  });
}

function openTlsSocket(
  { host, port }: ResolvedPoolOptions,
  tls: UpstreamTlsOptions,
  address: string,
  onread: OnReadOpts,
): Socket {
  const { ca, cert, key, servername, rejectUnauthorized = true } = tls;
  // Both are documented for tls.connect and missing from its types.
  const secure: ConnectionOptions & { readonly onread: OnReadOpts; readonly allowHalfOpen: boolean } = {
    host: address,
    port,
    onread,
    allowHalfOpen: true,
    rejectUnauthorized,
    ALPNProtocols: ["http/1.1"],
    // SNI carries names only, without the dot at the end (RFC 6066 §3).
    servername: servername ?? (isIP(host) === 0 ? host.replace(/\.$/, "") : ""),
    ...(ca === undefined ? {} : { ca: typeof ca === "string" || Buffer.isBuffer(ca) ? ca : [...ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  const socket = tlsConnect(secure);
  socket.setNoDelay(true);
  // Not before: there is no file descriptor to set it on, and libuv would use a minute of its own.
  socket.once("connect", () => socket.setKeepAlive(true, KEEP_ALIVE_PROBE_MS));
  return socket;
}

/** Certificates that were not accepted, by the codes of OpenSSL's X509_V_ERR_* and of Node's name check. */
const CERTIFICATE_CODE =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|ERROR_IN_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH$|ERR_TLS_CERT_ALTNAME)/;

/** What the system says when this process or machine has used up what a connection needs. */
const USED_UP: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);

/** Why connecting failed. `tcpConnected`: the TLS handshake had begun. */
export function classifyConnectError(error: Error, tcpConnected: boolean): UpstreamErrorCode {
  const { code = "", address = "" } = error as NodeJS.ErrnoException & { readonly address?: string };
  // Without IPv6, the system has no address of its own for an IPv6 target. For IPv4 it has: all of its ports are in use.
  if (USED_UP.has(code) || (code === "EADDRNOTAVAIL" && isIPv4(address))) return "no_socket";
  if (code === "ADDRESS_REFUSED") return "address_refused";
  if (tcpConnected) return CERTIFICATE_CODE.test(code) ? "certificate_refused" : "tls_failed";
  if (code === "ECONNREFUSED") return "connect_refused";
  if (code === "ETIMEDOUT") return "connect_timeout";
  if (code === "ENOTFOUND" || code.startsWith("EAI_")) return "dns_failed";
  return "connect_failed";
}
