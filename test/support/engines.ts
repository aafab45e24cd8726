/** The HTTP engines that end-to-end tests run over; a line on stderr names one that is left out. */
import { loadedUws } from "@latchkey/ingress";

/** As a node chooses: one of the builds loads everywhere, with a fallback in JavaScript that no node takes. */
const hasUws = loadedUws() !== null;
if (!hasUws)
  process.stderr.write("no build of uWebSockets.js loads on this machine: tests run over strict only\n");

export const engines: readonly string[] = hasUws ? ["strict", "uws"] : ["strict"];
