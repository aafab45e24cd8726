/** What connections to a target are made with where it demands a client certificate. */
import type { UpstreamTlsOptions } from "@latchkey/http1";

/** The same object while nothing of it changes. */
export interface ClientIdentity {
  /** Equal for equal content; tells nothing of it. */
  readonly digest: string;
  readonly tls: UpstreamTlsOptions;
}
