/** The files that a node's settings name. Each is read again where it is used, so that renewals need no restart. */
import type { KeyObject } from "node:crypto";
import { type ChannelCredentials, credentials as grpcCredentials } from "@grpc/grpc-js";
import {
  type CertificateAndKey,
  readCertificateAndKey,
  readCertificates,
  readEd25519PublicKey,
} from "@latchkey/config";
import type { Logger } from "@latchkey/observe";
import { checkAccessLogFile } from "./access-log/access-lines.js";
import type { IngressConfig } from "./config.js";
import type { EngineTls } from "./fronts/front-request.js";

/** Before anything is opened, and by the primary alone: what is wrong is said once. @throws SettingFileError */
export function checkFiles(config: IngressConfig): void {
  const { certFile, keyFile } = config.tls;
  if (certFile !== undefined && keyFile !== undefined) readClientTls({ certFile, keyFile });
  streamCredentials(config);
  publicKeyOf(config);
  upstreamAuthorities(config);
  checkAccessLogFile(config.accessLog.to);
}

/** What the node shows to clients. */
export function readClientTls({ certFile, keyFile }: EngineTls): CertificateAndKey {
  return readCertificateAndKey(
    { setting: "tls.certFile", path: certFile },
    { setting: "tls.keyFile", path: keyFile },
  );
}

export function publicKeyOf({ controlPlane }: IngressConfig): KeyObject | null {
  const { publicKeyFile: path } = controlPlane;
  return path === undefined ? null : readEd25519PublicKey({ setting: "controlPlane.publicKeyFile", path });
}

export function upstreamAuthorities({ upstreams }: IngressConfig): { readonly ca?: Buffer } {
  const { caFile: path } = upstreams;
  return path === undefined ? {} : { ca: readCertificates({ setting: "upstreams.caFile", path }) };
}

/**
 * The credentials of the stream to the control plane. Files that cannot be read when the stream is opened again must end
 * neither the node nor its way to revocations: what was read before stays.
 */
export class StreamCredentials {
  readonly #config: IngressConfig;
  readonly #log: Logger;
  #current: ChannelCredentials;

  /** @throws SettingFileError */
  constructor(config: IngressConfig, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#current = streamCredentials(config);
  }

  read(): ChannelCredentials {
    try {
      this.#current = streamCredentials(this.#config);
    } catch (error) {
      const reason = (error as Error).message;
      this.#log.error({ reason }, "the TLS files of the stream cannot be used; what was read before stays");
    }
    return this.#current;
  }
}

function streamCredentials({ controlPlane }: IngressConfig): ChannelCredentials {
  const { caFile, certFile, keyFile } = controlPlane;
  if (caFile === undefined) return grpcCredentials.createInsecure();
  const ca = readCertificates({ setting: "controlPlane.caFile", path: caFile });
  if (certFile === undefined || keyFile === undefined) return grpcCredentials.createSsl(ca);
  const { cert, key } = readCertificateAndKey(
    { setting: "controlPlane.certFile", path: certFile },
    { setting: "controlPlane.keyFile", path: keyFile },
  );
  return grpcCredentials.createSsl(ca, key, cert);
}
