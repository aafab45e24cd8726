/**
 * The files that the node's own configuration names: token, TLS keys, authorities, configuration, data. Operators of the control
 * plane choose what a credential's `file:` refers to, and would otherwise send them to a target.
 */
import type { Stats } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import type { IngressConfig } from "../config.js";

/** Of either plane: both may run on one machine. */
const FILE_VARIABLE = /^LATCHKEY_\w+_(?:FILE|CONFIG)$/;

export class OwnFiles {
  readonly #paths: readonly string[];
  readonly #dataDir: string;
  readonly #secrets: readonly string[];

  /** @param environment with the files of secrets, whose names are not in the configuration */
  constructor(config: IngressConfig, environment: Readonly<Record<string, string | undefined>>) {
    const named = Object.entries(environment).filter(([name]) => FILE_VARIABLE.test(name));
    this.#paths = [
      ...named.flatMap(([, path]) => path ?? []),
      ...filesOf(config),
      ...(config.accessLog.to.startsWith("/") ? [config.accessLog.to] : []),
    ];
    this.#dataDir = config.dataDir;
    this.#secrets = [config.controlPlane.token, config.sharedLimits.url ?? ""].filter((text) => text !== "");
  }

  /**
   * Compared by device and inode, so that no link hides one.
   * @param path without links
   * @param opened of the file that is read
   */
  async has(path: string, opened: Stats): Promise<boolean> {
    const dataDir = await realpath(this.#dataDir).catch(() => null);
    if (dataDir !== null && path.startsWith(`${dataDir}${sep}`)) return true;
    for (const own of this.#paths) {
      const found = await stat(own).catch(() => null);
      if (found !== null && found.dev === opened.dev && found.ino === opened.ino) return true;
    }
    return false;
  }

  /** Whether the text has a secret of the node in it: a configuration file is named on the command line, too. */
  isIn(text: string): boolean {
    return this.#secrets.some((secret) => text.includes(secret));
  }
}

/** Values of settings with names such as `keyFile`. */
function filesOf(settings: object): string[] {
  return Object.entries(settings).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === "string") return name.endsWith("File") ? [value] : [];
    return typeof value === "object" && value !== null ? filesOf(value) : [];
  });
}
