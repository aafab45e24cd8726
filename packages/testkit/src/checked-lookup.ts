/** Name look-up that gives only addresses the gateway may connect to: asked again for each connection. */
import type { LookupFunction } from "node:net";
import { type HostResolver, systemResolver, type UpstreamClientOptions } from "@latchkey/http1";
import { ADDRESS_REFUSED } from "./undici-errors.js";

/** For `net.connect({ lookup })`. Fails with ADDRESS_REFUSED when the name resolves to refused addresses only. */
export function checkedLookup(
  check: NonNullable<UpstreamClientOptions["checkAddress"]> = () => true,
  resolver: HostResolver = systemResolver,
): LookupFunction {
  return (hostname, options, callback) => {
    resolver.resolve(hostname, (error, addresses) => {
      const allowed = addresses.filter(check);
      const [first] = allowed;
      // `net.connect` expects its callback after the look-up has returned.
      process.nextTick(() => {
        if (error !== null) callback(error, []);
        else if (first === undefined) callback(addressRefused(hostname), []);
        else if (options.all === true) callback(null, allowed);
        else callback(null, first.address, first.family);
      });
    });
  };
}

export function addressRefused(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no allowed address for ${hostname}`), { code: ADDRESS_REFUSED });
}
