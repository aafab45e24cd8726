/** The release of this software, that nodes, clients and `latchkey --version` get. All packages have one. */
import { readFileSync } from "node:fs";

export const release: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;
