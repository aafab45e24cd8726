// In which order the addresses of an origin are tried (RFC 8305 §4): both families alternate, the family first that the last
// connection was made by, and within a family another address first each time. One for each pool; knows no sockets.

import type { UpstreamAddress } from "./upstream-client.js";

export class AddressOrder {
  #family: 4 | 6 = 6;
  #rotation = 0;

  /** The next connection's order. */
  next(addresses: readonly UpstreamAddress[]): readonly UpstreamAddress[] {
    if (addresses.length < 2) return addresses;
    const rotation = this.#rotation++;
    const first = rotated(addresses, this.#family, rotation);
    const second = rotated(addresses, this.#family === 6 ? 4 : 6, rotation);
    const ordered: UpstreamAddress[] = [];
    for (let i = 0; i < Math.max(first.length, second.length); i++) {
      const one = first[i];
      const other = second[i];
      if (one !== undefined) ordered.push(one);
      if (other !== undefined) ordered.push(other);
    }
    return ordered;
  }

  connectedTo({ family }: UpstreamAddress): void {
    this.#family = family;
  }
}

function rotated(addresses: readonly UpstreamAddress[], family: 4 | 6, rotation: number): UpstreamAddress[] {
  const own = addresses.filter((each) => each.family === family);
  const from = own.length === 0 ? 0 : rotation % own.length;
  return [...own.slice(from), ...own.slice(0, from)];
}
