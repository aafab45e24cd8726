/** The process: load the configuration, run, exit code. No logic. 0 ended well, 1 failed, 2 the configuration is wrong. */
import "@latchkey/observe/prepare-process";
import { parseArgs } from "node:util";
import { ConfigError } from "@latchkey/config";
import { createLogger, exitOnFatalError, makeFilesPrivate } from "@latchkey/observe";
import { loadIngressConfig } from "./config.js";
import { EngineUnavailableError } from "./http/create-engine.js";
import { widenInlining } from "./inlining.js";
import { ListenError } from "./node-front.js";
import { runIngress } from "./run.js";

async function main(): Promise<number> {
  widenInlining();
  makeFilesPrivate();
  const { values } = parseArgs({
    options: {
      config: { type: "string" },
      port: { type: "string" },
      "http-engine": { type: "string" },
      workers: { type: "string" },
    },
  });
  const config = loadIngressConfig({
    env: process.env,
    filePath: values.config,
    options: {
      port: values.port === undefined ? undefined : Number(values.port),
      engine: values["http-engine"],
      workers: values.workers === undefined ? undefined : Number(values.workers),
    },
  });
  const log = createLogger({ name: "ingress", level: config.logLevel });
  const ingress = await runIngress(config, { log });
  exitOnFatalError({ logger: log, drain: () => ingress.close() });
  process.on("SIGHUP", () => ingress.reloadCertificate());
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  await ingress.close();
  return 0;
}

main().then(
  (code) => process.exit(code),
  (cause: unknown) => {
    const isExpected =
      cause instanceof ConfigError ||
      cause instanceof ListenError ||
      cause instanceof EngineUnavailableError ||
      (cause as NodeJS.ErrnoException).code === "ERR_PARSE_ARGS_UNKNOWN_OPTION";
    process.stderr.write(`${isExpected ? (cause as Error).message : String((cause as Error).stack)}\n`);
    process.exit(isExpected ? 2 : 1);
  },
);
