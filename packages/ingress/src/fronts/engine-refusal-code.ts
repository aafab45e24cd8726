/** Why an engine refuses a request by itself. */

/** Reasons of an engine's own refusals; a subset of the catalogue's codes. */
export type EngineRefusalCode =
  | "request.malformed"
  | "request.path_invalid"
  | "request.framing_invalid"
  | "request.timeout"
  | "request.body_too_large"
  | "request.uri_too_long"
  | "request.headers_too_large"
  | "request.expectation_failed"
  | "request.transfer_coding_unsupported"
  | "gateway.overloaded"
  | "gateway.internal";
