/** A worker: gets its configuration from the primary, its revisions from the primary's relay, and serves. */
import { setTimeout as sleep } from "node:timers/promises";
import { ListenError } from "@latchkey/config";
import { createLogger, exitOnFatalError, standardError, type Telemetry } from "@latchkey/observe";
import { selectIo } from "../fronts/select-io.js";
import { widenInlining } from "../inlining.js";
import { makeCore, makeGate, type NodeCore } from "../node-core.js";
import { makeFront, type NodeFront, nodeTelemetry } from "../node-front.js";
import { ResidentMemory } from "../usage/resident-memory.js";
import { PrimaryLimits } from "./primary-limits.js";
import { PrimaryTokens } from "./primary-tokens.js";
import type { FromWorker, ToWorker } from "./worker-messages.js";

const REPORT_MS = 500;
/** The primary's revision comes over a socket of this machine; without it the worker serves what it can say: 503. */
const FILL_MS_MAX = 10_000;

const memory = new ResidentMemory();
/** Null until it listens. */
let serving: Serving | null = null;
const limits = new PrimaryLimits((questions) => tell({ kind: "limit-questions", questions }));
const tokens = new PrimaryTokens((question) => tell({ kind: "token-question", question }));

interface Serving {
  readonly core: NodeCore;
  readonly front: NodeFront;
  readonly telemetry: Telemetry;
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

function report({ core, front }: Serving): void {
  tell({
    kind: "report",
    report: {
      isReady: core.notReady() === null,
      stats: front.stats.value(),
      counts: front.counts.take(),
      inFlight: front.inFlight(),
      connections: front.engine.connections(),
      upstream: core.pools.totals(),
      integrations: front.integrations(),
      impaired: front.impaired(),
      loopDelayMs: front.takeLoopDelayMs(),
      usageDropped: front.usageDropped(),
      rssBytes: memory.bytes(),
      logLinesLost: standardError().lostLines,
    },
  });
}

async function start(message: Extract<ToWorker, { kind: "start" }>): Promise<void> {
  const { workers, limits: nodeLimits } = message.config;
  const config = {
    ...message.config,
    port: message.port,
    limits: {
      ...nodeLimits,
      inFlightMax: Math.max(1, Math.ceil(nodeLimits.inFlightMax / workers)),
      inFlightPerSubscriptionMax: Math.max(1, Math.ceil(nodeLimits.inFlightPerSubscriptionMax / workers)),
      bufferedBytesMax: Math.max(1, Math.ceil(nodeLimits.bufferedBytesMax / workers)),
    },
  };
  const log = createLogger({ name: "ingress-worker", level: config.logLevel });
  exitOnFatalError({
    logger: log,
    drain: async () => {
      tell({ kind: "failing" });
      await drain();
    },
  });
  let onFilled = (): void => undefined;
  const filled = new Promise<void>((resolve) => {
    onFilled = resolve;
  });
  await selectIo(config.io, log);
  const core = await makeCore(config, log, {
    gate: makeGate(config, log),
    instanceId: message.instanceId,
    dataDir: null,
    observer: { onSnapshot: () => onFilled(), onDelta: () => undefined },
    beforeAck: null,
    askPrimary: (credentialId, refused) => tokens.ask(credentialId, refused),
  });
  const telemetry = await nodeTelemetry(core);
  const front = makeFront(core, { sharesPort: true, primaryLimits: limits, telemetry });
  if (message.isFilledFirst) {
    core.sync.start();
    await Promise.race([filled, sleep(FILL_MS_MAX)]);
  }
  try {
    const port = await front.listen();
    front.setTicketKeys(message.ticketKeys);
    const made = { core, front, telemetry };
    serving = made;
    core.sync.start();
    const { name, description } = front.engine;
    tell({ kind: "listening", port, engine: name, engineDescription: description });
    setInterval(() => report(made), REPORT_MS).unref();
  } catch (cause) {
    if (!(cause instanceof ListenError)) throw cause;
    tell({ kind: "listen-failed", code: (cause.cause as NodeJS.ErrnoException).code ?? "error" });
    setImmediate(() => process.exit(1));
  }
}

async function drain(): Promise<void> {
  if (serving === null) return;
  await serving.front.drain();
  await serving.telemetry.close();
  report(serving);
  await serving.core.close();
}

async function close(): Promise<void> {
  await drain();
  process.disconnect();
  process.exit(0);
}

process.on("message", (message: ToWorker) => {
  switch (message.kind) {
    case "start":
      void start(message);
      break;
    case "reload-files":
      serving?.front.reloadFiles();
      break;
    case "ticket-keys":
      serving?.front.setTicketKeys(message.keys);
      break;
    case "limit-replies":
      limits.onReplies(message.replies);
      break;
    case "token-reply":
      tokens.onReply(message.reply);
      break;
    case "close":
      void close();
      break;
  }
});
// The primary decides: signals of a terminal reach the whole group.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
// A primary that is gone takes its workers along: nobody would tell them of revocations any more.
process.on("disconnect", () => process.exit(1));

widenInlining();
tell({ kind: "hello" });
