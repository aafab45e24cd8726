/**
 * Which `Host` a server of metrics responds to: addresses, `localhost`, and configured names. A web page that lets its own
 * name point here (DNS rebinding) has another name, and would else read what the port shows to its visitor's browser.
 */
import { isIP } from "node:net";

const LOCALHOST = /^(?:[a-z0-9-]+\.)*localhost$/;

export class HostNames {
  readonly #names: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  /** @param host a request's `Host`, with or without a port; a client without one (HTTP/1.0) is no browser */
  accepts(host: string | undefined): boolean {
    if (host === undefined) return true;
    const name = nameOf(host.toLowerCase());
    return isIP(name) !== 0 || LOCALHOST.test(name) || this.#names.has(name);
  }
}

function nameOf(host: string): string {
  if (host.startsWith("[")) return host.slice(1, host.indexOf("]"));
  const colon = host.indexOf(":");
  return colon === -1 ? host : host.slice(0, colon);
}
