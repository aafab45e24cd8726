/**
 * Ends a process after an error that nobody caught: logs it, drains for a bounded time, exits with code 1. The state of
 * the process is unknown by then, so it never goes on. Its supervisor starts it again.
 */
import type { Logger } from "pino";

/** Longer than an ordinary drain takes; a broken process must not serve for much longer. */
const DRAIN_MS_MAX = 5_000;
const EXIT_CODE = 1;

export interface FatalErrorOptions {
  readonly logger: Logger;
  /** Takes no new work and finishes what is under way. May fail or hang: the process ends all the same. */
  readonly drain: () => Promise<unknown>;
  readonly drainMsMax?: number;
}

/**
 * Handles uncaught exceptions and unhandled rejections of this process until disposed of. A second error during the
 * drain ends the process at once.
 */
export function exitOnFatalError(options: FatalErrorOptions): Disposable {
  const { logger, drain, drainMsMax = DRAIN_MS_MAX } = options;
  let isDraining = false;
  const exit = (): never => process.exit(EXIT_CODE);

  // Node.js reports a rejection that nobody handles here as well, with the origin "unhandledRejection".
  const onError = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void => {
    if (isFailedAccept(error)) {
      logger.error({ err: error }, "a connection could not be accepted");
      return;
    }
    try {
      logger.fatal({ err: error, origin }, "an error that nobody caught: the process drains and exits");
    } catch {
      // A logger that fails must not keep the process alive.
    }
    if (isDraining) exit();
    isDraining = true;
    setTimeout(exit, drainMsMax);
    Promise.resolve().then(drain).then(exit, exit);
  };
  process.on("uncaughtException", onError);
  return { [Symbol.dispose]: () => void process.off("uncaughtException", onError) };
}

/** A server tells by an error event that an accept failed (EMFILE): nothing is broken, and the next one may work. */
function isFailedAccept(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).syscall === "accept";
}
