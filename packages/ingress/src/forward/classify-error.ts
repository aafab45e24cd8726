/** What an upstream failure is to the client, and whether it counts against the target. Pure. */
import type { IngressErrorCode } from "@latchkey/core";
import type { UpstreamErrorCode } from "@latchkey/http1";

export interface UpstreamFault {
  readonly code: IngressErrorCode;
  /** Counts towards the target's circuit breaker. */
  readonly isTargets: boolean;
}

const fault = (code: IngressErrorCode, isTargets: boolean): UpstreamFault => ({ code, isTargets });

const FAULTS: { readonly [C in UpstreamErrorCode]: UpstreamFault } = {
  request_refused: fault("gateway.internal", false),
  request_length: fault("gateway.internal", false),
  queue_full: fault("upstream.overloaded", false),
  queue_timeout: fault("upstream.queue_timeout", false),
  client_closed: fault("gateway.draining", false),
  address_refused: fault("upstream.address_refused", false),
  dns_failed: fault("upstream.dns_failed", true),
  connect_refused: fault("upstream.connect_refused", true),
  connect_timeout: fault("upstream.connect_timeout", true),
  no_socket: fault("gateway.overloaded", false),
  connect_failed: fault("upstream.connect_refused", true),
  tls_failed: fault("upstream.tls_failed", true),
  certificate_refused: fault("upstream.certificate_refused", true),
  connection_lost: fault("upstream.reset", true),
  head_timeout: fault("upstream.timeout", true),
  body_timeout: fault("upstream.timeout", true),
  reader_timeout: fault("request.timeout", false),
  send_timeout: fault("upstream.timeout", true),
  response_malformed: fault("upstream.protocol_error", true),
  response_head_too_large: fault("upstream.protocol_error", true),
  response_upgrade: fault("upstream.protocol_error", true),
};

export function classifyError(code: UpstreamErrorCode): UpstreamFault {
  return FAULTS[code];
}
