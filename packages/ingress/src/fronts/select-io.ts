/** Chooses how this process reads and writes sockets, before it has any. Logs once what is not as expected. */
import { type IoMode, ioPath } from "@latchkey/http1";
import type { Logger } from "@latchkey/observe";

export async function selectIo(
  mode: IoMode,
  log: Logger,
  path: Pick<typeof ioPath, "select"> = ioPath,
): Promise<void> {
  const missing = await path.select(mode);
  if (mode === "portable") log.info("sockets are read and written by public interfaces of Node.js only");
  if (missing.length === 0) return;
  log.warn(
    { missing, node: process.version },
    "internals of this Node.js do not work as expected: its public interfaces are used instead, at a higher cost per request",
  );
}
