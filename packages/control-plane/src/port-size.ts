/** The size of a port of the control plane. */
import { connectionsFor, descriptorsMax } from "@latchkey/observe";

/** Connections that a port may have: each has a third of the file descriptors, the database, files and threads the last one. */
export function portSize(wanted: number): number {
  return connectionsFor(wanted, descriptorsMax(), 3);
}
