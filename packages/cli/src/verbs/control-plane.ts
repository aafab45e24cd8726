/** `latchkey control-plane`: GraphQL, console and snapshot stream, configured by environment, file and options. Loads it only when run. */
import type { Command } from "commander";
import type { Done } from "../exit-code.js";
import { runService } from "../run-service.js";

interface Options {
  readonly config?: string;
}

export function addControlPlaneVerb(program: Command, done: Done): void {
  program
    .command("control-plane")
    .description("run the control plane (settings: docs/config.md, LATCHKEY_CONTROL_PLANE_*)")
    .option("--config <file>", "JSON or YAML file of settings")
    .action(async (options: Options) => {
      done(
        await runService(async () => {
          const [
            { loadControlPlaneConfig, runControlPlane },
            { createLogger, exitOnFatalError, makeFilesPrivate },
          ] = await Promise.all([import("@latchkey/control-plane"), import("@latchkey/observe")]);
          makeFilesPrivate();
          const config = loadControlPlaneConfig({ env: process.env, filePath: options.config });
          const logger = createLogger({ name: "control-plane", level: config.logLevel });
          let stop = async (): Promise<void> => {};
          exitOnFatalError({ logger, drain: () => stop() });
          const controlPlane = await runControlPlane(config, { logger });
          stop = () => controlPlane.close();
          const { graphqlUrl, consoleUrl, grpcAddress } = controlPlane;
          return {
            urls: { graphql: graphqlUrl, console: consoleUrl, grpc: grpcAddress },
            reload: () => controlPlane.reloadCertificates(),
            close: () => controlPlane.close(),
          };
        }),
      );
    });
}
