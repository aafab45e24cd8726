/** The version of this package, as nodes and clients are told. */
import { readFileSync } from "node:fs";

export const softwareVersion: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;
