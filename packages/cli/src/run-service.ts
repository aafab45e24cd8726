/** Runs one service until a signal: start, tell the parent, drain on SIGTERM or SIGINT, exit code. */
import { onParentGone, tellParent } from "./child-message.js";
import { EXIT } from "./exit-code.js";
import { print, printError } from "./output.js";

/** After everything was closed. */
const END_MS_MAX = 5_000;
/** What a failed start left open must not keep the process alive: its supervisor would wait for it. */
const FAILED_START_MS_MAX = 2_000;

export interface Service {
  readonly urls: Readonly<Record<string, string>>;
  /** On SIGHUP: takes renewed certificates, and opens the access log again. Without it, SIGHUP ends the process. */
  reload?(): void;
  /** Drains and ends; resolves when all is closed. */
  close(): Promise<void>;
}

/**
 * With LATCHKEY_PRINT_URLS=true the URLs go to standard output as one line of JSON, for scripts that took free ports.
 * Resolves with the exit code: 0 after a drained stop, 1 when it could not start, 2 when its settings are wrong.
 */
export async function runService(start: () => Promise<Service>): Promise<number> {
  let service: Service;
  try {
    service = await start();
  } catch (error) {
    const { ConfigError, ListenError } = await import("@latchkey/config");
    const message = error instanceof Error ? error.message : String(error);
    const refusedPort =
      error instanceof ListenError && error.why !== null ? { port: error.port, why: error.why } : null;
    if (!tellParent({ kind: "failed", message, refusedPort })) printError(message);
    closeChannel();
    const code = error instanceof ConfigError ? EXIT.usage : EXIT.failure;
    setTimeout(() => process.exit(code), FAILED_START_MS_MAX).unref();
    return code;
  }
  if (service.reload !== undefined) process.on("SIGHUP", () => service.reload?.());
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
    onParentGone(resolve);
  });
  tellParent({ kind: "ready", urls: service.urls });
  if (process.env.LATCHKEY_PRINT_URLS === "true") print(JSON.stringify(service.urls));
  await stopped;
  await service.close();
  closeChannel();
  endInTime();
  return EXIT.success;
}

/** A disk that does not respond holds a thread of Node.js, and Node.js waits for its threads at its end. */
function endInTime(): void {
  setTimeout(() => {
    printError("A file operation does not end; the process ends without it.");
    process.kill(process.pid, "SIGKILL");
  }, END_MS_MAX).unref();
}

/** An open IPC channel would keep the process alive. */
function closeChannel(): void {
  if (process.connected) process.disconnect();
}
