/** `latchkey ingress`: one ingress node, configured by environment, file and options. Loads it only when run. */
import { type Command, Option } from "commander";
import type { Done } from "../exit-code.js";
import { port, wholeNumber } from "../options.js";
import { runService } from "../run-service.js";

interface Options {
  readonly config?: string;
  readonly port?: number;
  readonly httpEngine?: string;
  readonly workers?: number;
}

export function addIngressVerb(program: Command, done: Done): void {
  program
    .command("ingress")
    .description("run an ingress node (settings: docs/config.md, LATCHKEY_INGRESS_*)")
    .option("--config <file>", "JSON or YAML file of settings")
    .option("--port <port>", "port for clients; 0 takes a free one", port)
    .addOption(
      new Option(
        "--http-engine <engine>",
        "HTTP front of the ingress; uws has no WebSockets (default: strict)",
      ).choices(["strict", "uws"]),
    )
    .option("--workers <number>", "processes that serve clients", wholeNumber)
    .action(async (options: Options) => {
      done(
        await runService(async () => {
          const [{ loadIngressConfig, runIngress }, { createLogger, exitOnFatalError, makeFilesPrivate }] =
            await Promise.all([import("@latchkey/ingress"), import("@latchkey/observe")]);
          makeFilesPrivate();
          const config = loadIngressConfig({
            env: process.env,
            filePath: options.config,
            options: { port: options.port, engine: options.httpEngine, workers: options.workers },
          });
          const logger = createLogger({ name: "ingress", level: config.logLevel });
          let stop = async (): Promise<void> => undefined;
          exitOnFatalError({ logger, drain: () => stop() });
          const ingress = await runIngress(config, { log: logger });
          stop = () => ingress.close();
          const scheme = config.tls.certFile === undefined ? "http" : "https";
          return {
            urls: {
              ingress: `${scheme}://127.0.0.1:${ingress.port}`,
              admin: `http://127.0.0.1:${ingress.adminPort}`,
            },
            reload: () => ingress.reloadFiles(),
            close: () => ingress.close(),
          };
        }),
      );
    });
}
