/** The HTTP engines that end-to-end tests run over; what is left out is said. */
import { createRequire } from "node:module";
import { join } from "node:path";

function uwsLoads(): boolean {
  const require = createRequire(join(import.meta.dirname, "../../packages/ingress/package.json"));
  for (const name of ["uWebSockets.js", "@btc-vision/uwebsockets.js"]) {
    try {
      require(name);
      return true;
    } catch {
      // No binary of this build for this Node.js and libc; the next may have one.
    }
  }
  process.stderr.write("no build of uWebSockets.js loads on this machine: tests run over strict only\n");
  return false;
}

export const engines: readonly string[] = uwsLoads() ? ["strict", "uws"] : ["strict"];
