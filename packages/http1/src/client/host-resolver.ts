// How an origin's name becomes addresses, where the caller brings no resolver: by the system's own, in Node's thread pool.

import { lookup } from "node:dns";
import type { HostResolver, UpstreamAddress } from "./upstream-client.js";

export const systemResolver: HostResolver = {
  resolve(host, callback) {
    lookup(host, { all: true }, (error, addresses) => {
      if (error === null) callback(null, addresses.map(toAddress));
      else callback(error, []);
    });
  },
  watch() {
    return () => {}; // it knows no TTL
  },
};

function toAddress({
  address,
  family,
}: {
  readonly address: string;
  readonly family: number;
}): UpstreamAddress {
  return { address, family: family === 6 ? 6 : 4 };
}
