// The catalogue of everything this codec refuses: code → status for a client, RFC clause, sentence.
// A fault is a value, not an exception: hostile input must not buy a stack trace.

export interface Fault {
  /** Status a server responds with. Faults of a response are 502 at a gateway. */
  readonly status: number;
  readonly clause: string;
  readonly text: string;
}

const fault = (status: number, clause: string, text: string): Fault => ({ status, clause, text });

export const FAULTS = {
  // start line
  request_line_malformed: fault(400, "RFC 9112 §3", "the request line is not method SP target SP version"),
  method_malformed: fault(400, "RFC 9110 §9.1", "the method is not a token"),
  method_refused: fault(501, "RFC 9110 §9.1", "the method is not offered here"),
  target_malformed: fault(400, "RFC 9112 §3.2", "the request target has none of the four forms"),
  path_unencoded: fault(400, "RFC 3986 §3.3", "the path has a character that must be percent-encoded"),
  query_unencoded: fault(400, "RFC 3986 §3.4", "the query has a character that must be percent-encoded"),
  target_too_long: fault(414, "RFC 9110 §15.5.15", "the request target is too long"),
  version_malformed: fault(
    400,
    "RFC 9112 §2.3",
    "the target is not followed by HTTP/DIGIT.DIGIT; a space in it is sent as %20",
  ),
  version_unsupported: fault(505, "RFC 9110 §15.6.6", "only HTTP/1.1 and HTTP/1.0 are spoken"),
  status_line_malformed: fault(502, "RFC 9112 §4", "the status line is malformed"),
  // lines and fields
  line_bare_cr: fault(400, "RFC 9112 §2.2", "a CR is not followed by LF"),
  line_bare_lf: fault(400, "RFC 9112 §2.2", "a line ends in LF without CR"),
  field_name_malformed: fault(400, "RFC 9112 §5.1", "a field line does not start with token and colon"),
  field_space_before_colon: fault(400, "RFC 9112 §5.1", "white space between field name and colon"),
  field_value_malformed: fault(400, "RFC 9110 §5.5", "a field value holds a control byte"),
  field_folded: fault(400, "RFC 9112 §5.2", "a line starts with white space"),
  head_too_large: fault(431, "RFC 6585 §5", "the head is too large"),
  fields_too_many: fault(431, "RFC 6585 §5", "the head has too many field lines"),
  host_missing: fault(400, "RFC 9112 §3.2", "there is no Host"),
  host_repeated: fault(400, "RFC 9112 §3.2", "there is more than one Host"),
  host_malformed: fault(400, "RFC 9112 §3.2", "Host is not host and optional port"),
  connection_malformed: fault(400, "RFC 9110 §7.6.1", "Connection is not a list of tokens"),
  expectation_unsupported: fault(417, "RFC 9110 §10.1.1", "the only expectation met is 100-continue"),
  // framing
  content_length_malformed: fault(400, "RFC 9110 §8.6", "Content-Length is not one number in digits"),
  content_length_repeated: fault(400, "RFC 9112 §6.3", "there is more than one Content-Length"),
  content_length_overflow: fault(400, "RFC 9110 §8.6", "Content-Length is beyond 2^53"),
  framing_conflict: fault(400, "RFC 9112 §6.3", "both Content-Length and Transfer-Encoding"),
  transfer_encoding_malformed: fault(400, "RFC 9112 §6.1", "Transfer-Encoding does not end in one chunked"),
  transfer_encoding_unsupported: fault(501, "RFC 9112 §6.1", "a transfer coding other than chunked"),
  transfer_encoding_in_http10: fault(400, "RFC 9112 §6.1", "Transfer-Encoding in an HTTP/1.0 message"),
  chunk_size_malformed: fault(400, "RFC 9112 §7.1", "a chunk size is not hex digits"),
  chunk_size_overflow: fault(400, "RFC 9112 §7.1", "a chunk size is beyond 2^52"),
  chunk_extension_malformed: fault(400, "RFC 9112 §7.1.1", "a chunk extension is malformed"),
  chunk_extension_too_large: fault(400, "RFC 9112 §7.1.1", "chunk extensions are too large"),
  chunk_end_malformed: fault(400, "RFC 9112 §7.1", "chunk data is not followed by CRLF"),
  trailer_malformed: fault(400, "RFC 9112 §7.1.2", "the trailer section is malformed"),
  trailer_too_large: fault(431, "RFC 9112 §7.1.2", "the trailer section is too large"),
  body_too_large: fault(413, "RFC 9110 §15.5.14", "the content is too large"),
  message_truncated: fault(400, "RFC 9112 §8", "the connection ended within the message"),
  // time and order
  head_timeout: fault(408, "RFC 9110 §15.5.9", "the head took too long"),
  body_timeout: fault(408, "RFC 9110 §15.5.9", "the content stood still"),
  body_too_slow: fault(408, "RFC 9110 §15.5.9", "the content came too slowly"),
  interim_too_many: fault(502, "RFC 9110 §15.2", "too many interim responses"),
  response_refused: fault(500, "RFC 9110 §5.5", "the response's head may not be sent"),
  upgrade_unasked: fault(502, "RFC 9110 §15.2.2", "the protocol was switched unasked"),
} as const satisfies Record<string, Fault>;

export type FaultCode = keyof typeof FAULTS;

/** One sentence for logs: `code: text (clause)`. Holds nothing of the message. */
export function describeFault(code: FaultCode): string {
  const { text, clause } = FAULTS[code];
  return `${code}: ${text} (${clause})`;
}
