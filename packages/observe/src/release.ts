/** The release of this software, as nodes, clients and `latchkey --version` are told. All packages have one. */
import { readFileSync } from "node:fs";

export const release: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;
