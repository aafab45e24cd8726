/** The control plane as a process of its own: configuration from the environment, drain on a signal. No logic. */
import { ConfigError } from "@latchkey/config";
import { loadControlPlaneConfig } from "./config.js";
import { runControlPlane } from "./run.js";

try {
  const controlPlane = await runControlPlane(loadControlPlaneConfig({ env: process.env }));
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void controlPlane.close());
  process.on("SIGHUP", () => controlPlane.reloadCertificates());
} catch (error) {
  process.stderr.write(
    `${error instanceof ConfigError || error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}
