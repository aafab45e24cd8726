/** Where the built pages are that the HTTP port serves. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** From the folder of a bundle, in the published package and in a checkout, and from this file. */
const FOLDERS = {
  console: ["./pages/console", "../../console/dist", "../../../console/dist"],
  graphiql: ["./pages/graphiql", "../../control-plane/dist/graphiql", "../../dist/graphiql"],
} as const;

/** The folder; the last candidate when nothing is built. */
export function builtPages(of: keyof typeof FOLDERS): string {
  const folders = FOLDERS[of].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return folders.find((folder) => existsSync(folder)) ?? (folders.at(-1) as string);
}
