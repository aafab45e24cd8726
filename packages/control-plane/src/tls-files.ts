/** The TLS files of the two ports, and a warning where a port has none. */
import { isLoopbackHost } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { ControlPlaneConfig } from "./config.js";
import { TlsMaterial } from "./http/tls-material.js";

export function httpTls(config: ControlPlaneConfig, logger: Logger): TlsMaterial | null {
  const { tlsCertFile, tlsKeyFile } = config.http;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return null;
  return new TlsMaterial({ port: "http", certFile: tlsCertFile, keyFile: tlsKeyFile, logger });
}

export function grpcTls(config: ControlPlaneConfig, logger: Logger): TlsMaterial | null {
  const { tlsCertFile, tlsKeyFile, clientCaFile } = config.grpc;
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return null;
  return new TlsMaterial({ port: "grpc", certFile: tlsCertFile, keyFile: tlsKeyFile, clientCaFile, logger });
}

export function warnOfPlainText(config: ControlPlaneConfig, logger: Logger): void {
  for (const [name, part] of [
    ["http", config.http],
    ["grpc", config.grpc],
  ] as const)
    if (part.tlsCertFile === undefined && !isLoopbackHost(part.host))
      logger.warn(
        { host: part.host },
        `${name} listens beyond this machine without TLS: tokens travel in plain text`,
      );
}
