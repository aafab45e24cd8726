/** Raw undici, node and llhttp errors → UpstreamError. Pure; matches codes, never messages. */
import { UpstreamError, type UpstreamErrorCode, type UpstreamPhase } from "@latchkey/http1";

/** Set on errors of our own lookup, so that they can be told from the resolver's. */
export const ADDRESS_REFUSED = "LATCHKEY_ADDRESS_REFUSED";

const BY_CODE: Readonly<Record<string, UpstreamErrorCode>> = {
  [ADDRESS_REFUSED]: "address_refused",
  UND_ERR_CONNECT_TIMEOUT: "connect_timeout",
  ETIMEDOUT: "connect_timeout",
  ECONNREFUSED: "connect_refused",
  ENOTFOUND: "dns_failed",
  EAI_AGAIN: "dns_failed",
  EAI_FAIL: "dns_failed",
  ENODATA: "dns_failed",
  UND_ERR_HEADERS_TIMEOUT: "head_timeout",
  UND_ERR_BODY_TIMEOUT: "body_timeout",
  UND_ERR_HEADERS_OVERFLOW: "response_head_too_large",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "request_length",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "response_malformed",
  UND_ERR_RES_EXCEEDED_MAX_SIZE: "response_malformed",
  UND_ERR_INVALID_ARG: "request_refused",
  UND_ERR_NOT_SUPPORTED: "request_refused",
  UND_ERR_DESTROYED: "client_closed",
  UND_ERR_CLOSED: "client_closed",
};

/**
 * @param phase how far the request was; everything that failed before `send` is safe to repeat
 */
export function toUpstreamError(cause: unknown, phase: UpstreamPhase): UpstreamError {
  if (cause instanceof UpstreamError) return cause;
  const code = codeOf(cause, phase);
  const isSafe = phase === "connect" && code !== "request_refused" && code !== "client_closed";
  const text = cause instanceof Error ? cause.message : String(cause);
  return new UpstreamError(code, phase, isSafe, text, { cause });
}

function codeOf(cause: unknown, phase: UpstreamPhase): UpstreamErrorCode {
  const raw = (cause as { readonly code?: unknown } | null)?.code;
  const code = typeof raw === "string" ? raw : "";
  if (phase === "connect" && isCertificate(code)) return "certificate_refused";
  if (phase === "connect" && (code.startsWith("ERR_TLS") || code.startsWith("ERR_SSL"))) return "tls_failed";
  const known = BY_CODE[code];
  if (known !== undefined)
    return known === "connect_timeout" && phase !== "connect" ? "connection_lost" : known;
  const name = cause instanceof Error ? cause.name : "";
  if (code.startsWith("HPE_") || name === "HTTPParserError") return "response_malformed";
  return phase === "connect" ? "connect_failed" : "connection_lost";
}

function isCertificate(code: string): boolean {
  return (
    code === "ERR_TLS_CERT_ALTNAME_INVALID" ||
    code.includes("CERT") ||
    code.startsWith("UNABLE_TO_") ||
    code === "HOSTNAME_MISMATCH"
  );
}
