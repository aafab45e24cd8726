// Opens a socket to an origin, asking about each address first, and says why it failed. Knows nothing of HTTP.

import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from "node:dns";
import { isIP, type LookupFunction, connect as netConnect, type OnReadOpts, type Socket } from "node:net";
import { type ConnectionOptions, connect as tlsConnect } from "node:tls";
import type { UpstreamAddress, UpstreamErrorCode } from "./upstream-client.js";
import type { ResolvedPoolOptions } from "./upstream-options.js";

class AddressRefusedError extends Error {
  readonly code = "ADDRESS_REFUSED";
}

type Check = (address: UpstreamAddress) => boolean;

/** Resolves like the system does, then drops every address that is refused. Asked anew for each connection. */
function checkedLookup(check: Check): LookupFunction {
  return (hostname, options, callback) => {
    const all: LookupOptions & { all: true } = { ...options, all: true };
    dnsLookup(hostname, all, (error, addresses: LookupAddress[]) => {
      if (error !== null) {
        callback(error, "", 0);
        return;
      }
      const allowed = addresses.filter(({ address, family }) =>
        check({ address, family: family === 6 ? 6 : 4 }),
      );
      const first = allowed[0];
      if (first === undefined) callback(new AddressRefusedError("no address of the name is allowed"), "", 0);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * Starts to connect. Emits `error` when it fails, `secureConnect` (TLS) or `connect` when it is ready.
 * @returns null when the host is an address and that address is refused.
 */
export function openSocket(options: ResolvedPoolOptions, onread: OnReadOpts): Socket | null {
  const { host, port, tls, checkAddress } = options;
  const family = isIP(host);
  if (family !== 0 && checkAddress?.({ address: host, family: family === 6 ? 6 : 4 }) === false) return null;
  const lookup = checkAddress === undefined ? dnsLookup : checkedLookup(checkAddress);
  if (tls === undefined) return netConnect({ host, port, lookup, onread, noDelay: true, keepAlive: true });
  const { ca, cert, key, servername, rejectUnauthorized = true } = tls;
  // `onread` is documented for tls.connect and missing from its types.
  const secure: ConnectionOptions & { readonly onread: OnReadOpts } = {
    host,
    port,
    lookup,
    onread,
    rejectUnauthorized,
    ALPNProtocols: ["http/1.1"],
    // SNI carries names only (RFC 6066 §3).
    servername: servername ?? (family === 0 ? host : ""),
    ...(ca === undefined ? {} : { ca: typeof ca === "string" || Buffer.isBuffer(ca) ? ca : [...ca] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
  const socket = tlsConnect(secure);
  socket.setNoDelay(true);
  return socket;
}

/** Why connecting failed. `tcpConnected`: the TLS handshake had begun. */
export function classifyConnectError(error: Error, tcpConnected: boolean): UpstreamErrorCode {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "ADDRESS_REFUSED") return "address_refused";
  if (tcpConnected) return "tls_failed";
  if (code === "ECONNREFUSED") return "connect_refused";
  if (code === "ETIMEDOUT") return "connect_timeout";
  if (code === "ENOTFOUND" || code.startsWith("EAI_")) return "dns_failed";
  return "connect_failed";
}
