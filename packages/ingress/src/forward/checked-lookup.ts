/** Name look-up that gives only addresses the gateway may connect to: asked again for each connection. */
import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import type { UpstreamAddress } from "@latchkey/http1";
import { ADDRESS_REFUSED } from "./undici-errors.js";

export type AddressCheck = (address: UpstreamAddress) => boolean;

/** For `net.connect({ lookup })`. Fails with ADDRESS_REFUSED when the name resolves to refused addresses only. */
export function checkedLookup(check: AddressCheck): LookupFunction {
  return (hostname, options, callback) => {
    const settings: LookupOptions & { all: true } = { ...options, all: true };
    lookup(hostname, settings, (error, addresses) => {
      if (error !== null) {
        callback(error, [] as LookupAddress[]);
        return;
      }
      const allowed = addresses.filter(({ address, family }) =>
        check({ address, family: family === 6 ? 6 : 4 }),
      );
      const [first] = allowed;
      if (first === undefined) callback(addressRefused(hostname), [] as LookupAddress[]);
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

export function addressRefused(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no allowed address for ${hostname}`), { code: ADDRESS_REFUSED });
}
