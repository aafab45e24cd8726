/** What the benchmark knows of a contender: how to start it in front of the upstream with the table of keys. */
import type { CertificateFiles } from "./support/certificate.js";

export interface Target {
  /** Keys by index; key i reaches the upstream under `/a<i>` + its route's path. */
  readonly keys: readonly string[];
  readonly upstreamPort: number;
  readonly port: number;
  /** A folder of its own for configuration. */
  readonly dir: string;
  /** Null: plain TCP. */
  readonly tls: CertificateFiles | null;
  /** Processes, or threads, that serve. */
  readonly workers: number;
}

export interface RunningContender {
  /** Where it serves, if not on the target's port. */
  readonly port?: number;
  /** Every process that takes part in forwarding. */
  readonly pids: () => readonly number[];
  stop(): Promise<void>;
}

export interface Contender {
  readonly name: string;
  /** So far from nginx that a third of the rounds shows it. */
  readonly isFar?: boolean;
  /** The upstream itself: only where a latency is compared with none between. */
  readonly isDirect?: boolean;
  /** `nginx 1.22.1`; null when it cannot run here, with the reason. */
  version(): { readonly version: string } | { readonly absent: string };
  start(target: Target): Promise<RunningContender>;
}
