// Rows that an engine or client of ours does not meet, and why. Held exactly: a row that fails and is not here fails
// the test, and so does a row that is here and is met, so that this list and the table stay true.

export interface KnownFailure {
  readonly why: string;
  readonly rows: readonly string[];
  /** Timing decides: the rows may be met. */
  readonly isRace?: true;
  /** A request that hides in another one reaches the upstream. */
  readonly smuggles?: true;
}

/** The engine for the edge has none, and must not get one. */
export const strictFailures: readonly KnownFailure[] = [];

export const nodeFailures: readonly KnownFailure[] = [
  {
    why: "It answers a broken message at once and forgets the answer that is due before it.",
    rows: [
      "cl-excess-is-next-request",
      "chunk-after-last",
      "expect-100-then-garbage",
      "pipeline-bad-second",
      "pipeline-bad-framing-second",
      "connection-close-then-request",
    ],
  },
  {
    why: "Its parser refuses a tab around a length or a coding.",
    rows: ["cl-white-space-around", "te-white-space-around"],
  },
  {
    why: "Lenient where the strict engine is not: chunk extensions are not summed, spaces and empty lines not counted.",
    rows: ["chunk-ext-flood", "line-two-spaces", "line-empty-lines-endless"],
  },
  {
    why: "A target that is too long is a head that is too large to its parser.",
    rows: ["target-too-long-path", "target-too-long-query", "target-endless"],
  },
  {
    why: "A half-closed connection is a closed one.",
    rows: ["half-close-after-request"],
  },
  {
    why: "It closes without reading on: on a busy machine the reset may overtake the refusal.",
    rows: ["refused-key-large-body"],
    isRace: true,
  },
];

/** Its parser is lenient and not ours; see README on where to use it. */
export const uwsFailures: readonly KnownFailure[] = [
  {
    why: "Its parser takes `0` CRLF for the end; only a connection that ends sooner stops that.",
    rows: ["chunk-cut-in-last"],
    isRace: true,
  },
  {
    why: "Answered when the whole head came in one piece; when it comes in several, its parser ends the connection.",
    rows: ["header-name-too-large", "header-too-large", "target-too-long-path", "target-too-long-query"],
    isRace: true,
  },
  {
    why: "A request that comes while another waits ends the connection, when it comes soon enough.",
    rows: ["early-answer-then-next", "pipeline-while-pending", "pipeline-split-anywhere"],
    isRace: true,
  },
  {
    why: "Not answered: the end of the connection is what stops its parser, and after it nothing can be written. Nothing goes upstream.",
    rows: [
      "cl-plus",
      "cl-minus",
      "cl-minus-zero",
      "cl-hex",
      "cl-letter",
      "cl-space-inside",
      "cl-empty",
      "cl-decimal",
      "cl-exponent",
      "cl-list-different",
      "cl-list-three",
      "cl-semicolon",
      "cl-quoted",
      "cl-fullwidth-digit",
      "cl-underscore",
      "cl-twice-different",
      "cl-twice-zero-first",
      "cl-twice-case",
      "cl-list-same",
      "cl-trailing-comma",
      "cl-beside-te",
      "te-beside-cl",
      "cl-beside-te-bad-length",
      "cl-beside-te-on-get",
      "te-xchunked",
      "te-chunkedx",
      "te-chunk",
      "te-identity",
      "te-gzip",
      "te-chunked-gzip",
      "te-chunked-identity-lines",
      "te-chunked-twice",
      "te-chunked-twice-lines",
      "te-quoted",
      "te-space-inside",
      "te-semicolon-only",
      "te-high-byte",
      "te-kelvin",
      "te-foreign-beside-cl",
      "te-parameter",
      "host-missing",
      "method-delimiters",
      "method-slash",
      "method-quote",
      "method-empty",
      "method-long",
      "pipeline-bad-framing-second",
      "pipeline-behind-bad",
      "refused-key-bad-chunks",
      "target-endless",
      "headers-too-many",
      "header-endless",
      "body-announced-over-limit",
    ],
  },
  {
    why: "Not answered, not closed: its parser drops what it cannot read and waits for more, ten seconds at most.",
    rows: [
      "cl-vt",
      "cl-nul",
      "cl-space-before-colon",
      "cl-first-line-folded",
      "cl-folded",
      "te-vt-before",
      "te-nul-inside",
      "te-space-before-colon",
      "te-tab-before-colon",
      "te-folded",
      "line-leading-space",
      "line-leading-tab",
      "line-no-target",
      "line-method-only",
      "line-extra-word",
      "line-version-twice",
      "line-nul-in-target",
      "line-control-in-target",
      "line-tab-in-target",
      "version-lower-case",
      "version-mixed-case",
      "version-no-minor",
      "version-two-digit-minor",
      "version-two-digit-major",
      "version-three-parts",
      "version-comma",
      "version-letter",
      "version-garbage-behind",
      "version-no-slash",
      "version-other-protocol",
      "version-icy",
      "version-2-0",
      "version-3-0",
      "version-9-9",
      "version-0-9",
      "version-1-2",
      "line-two-spaces",
      "line-tab-separator",
      "line-vt-separator",
      "line-trailing-space",
      "line-bare-lf-everywhere",
      "line-bare-lf",
      "line-bare-cr-behind-version",
      "line-http-0-9-with-headers",
      "line-http-2-preface",
      "line-http-2-preface-1-1",
      "line-tls-hello",
      "line-garbage",
      "line-status-line",
      "name-space-before-colon",
      "name-tab-before-colon",
      "name-space-inside",
      "name-no-colon",
      "name-nul",
      "name-control",
      "name-del",
      "name-bare-cr",
      "name-high-byte",
      "name-paren",
      "name-at",
      "name-slash",
      "name-quote",
      "name-brace",
      "value-nul",
      "value-bare-cr",
      "value-cr-smuggles",
      "value-cr-at-end",
      "request-in-headers",
      "value-control",
      "value-escape",
      "value-bare-lf",
      "end-bare-lf",
      "end-lf-crlf",
      "end-cr-cr-lf",
      "fold-space",
      "fold-tab",
      "fold-hides-framing",
      "fold-first-line",
      "value-nul-in-key",
      "host-space-before-colon",
      "host-nul",
      "host-folded",
      "target-no-slash",
      "target-authority-on-get",
      "target-asterisk-on-get",
      "target-asterisk-path",
      "target-query-only",
      "target-dot",
      "target-scheme-only",
      "target-no-authority",
      "method-nul",
      "method-high-byte",
      "method-connect",
      "method-connect-with-body",
    ],
  },
  {
    why: "Its parser knows neither HTTP/1.0 …",
    rows: [
      "te-in-http-1-0",
      "te-in-http-1-0-beside-cl",
      "expect-100-http-1-0",
      "connection-http-1-0",
      "connection-http-1-0-no-host",
      "connection-http-1-0-keep-alive",
      "answer-chunked-to-http-1-0",
    ],
  },
  {
    why: "… nor absolute-form or asterisk-form …",
    rows: [
      "target-absolute",
      "target-absolute-query",
      "target-absolute-no-path",
      "target-absolute-no-path-query",
      "target-absolute-upper-case",
      "target-absolute-other-host",
      "target-absolute-https",
      "target-absolute-other-scheme",
      "target-absolute-userinfo",
      "target-asterisk-options",
    ],
  },
  {
    why: "… nor an underscore in a field name …",
    rows: [
      "cl-underscore-name",
      "te-underscore-name",
      "name-tchar",
      "name-proto",
      "gw-path-parameter-underscore",
      "gw-forwarded-underscore",
      "gw-key-underscore",
    ],
  },
  {
    why: "… nor more than about forty field lines …",
    rows: ["headers-fifty"],
  },
  {
    why: "… nor methods of others …",
    rows: ["method-lower-case", "method-mixed-case", "method-unknown", "method-token-characters"],
  },
  {
    why: "… nor an empty line before a request.",
    rows: ["line-empty-line-before", "leading-empty-lines-many"],
  },
  {
    why: "Chunks are not read by their grammar: extensions count as size, ends and trailers are not checked. Nothing behind them is read as a request.",
    rows: [
      "chunk-ext-quoted",
      "chunk-size-letter",
      "chunk-size-only-letter",
      "chunk-size-empty",
      "chunk-size-space-before",
      "chunk-size-nul",
      "chunk-size-colon",
      "chunk-size-two",
      "chunk-size-bare-lf",
      "chunk-size-bare-cr",
      "chunk-size-cr-cr-lf",
      "chunk-data-no-crlf",
      "chunk-data-bare-lf",
      "chunk-data-bare-cr",
      "chunk-data-lf-cr",
      "chunk-data-longer",
      "chunk-data-shorter",
      "chunk-end-bare-lf",
      "chunk-last-bare-lf",
      "trailer-no-colon",
      "trailer-space-before-colon",
      "trailer-empty-name",
      "trailer-control",
      "trailer-nul",
      "trailer-bare-cr",
      "chunk-ext-bare-lf",
      "chunk-ext-bare-cr",
      "chunk-ext-nul",
      "chunk-ext-control",
      "chunk-ext",
      "chunk-ext-no-value",
      "chunk-size-space-behind",
      "chunk-after-last",
      "chunk-bytewise",
      "slow-trailer-drips",
    ],
  },
  {
    why: "A request that comes while another waits ends the connection.",
    rows: [
      "connection-close-then-request",
      "pipeline-two",
      "pipeline-ten",
      "pipeline-posts",
      "pipeline-chunked-posts",
      "pipeline-head-then-get",
      "pipeline-refused-key-between",
      "pipeline-expect-then-get",
      "pipeline-bad-second",
      "pipeline-empty-line-between",
    ],
  },
  {
    why: "A half-closed connection is a closed one.",
    rows: ["half-close-after-request"],
  },
  {
    why: "What follows the body and is no request is dropped.",
    rows: ["cl-excess-is-next-request", "expect-100-then-garbage"],
  },
  {
    why: "Only the exact spelling is let through: how its parser reads others is its own.",
    rows: ["te-upper-case"],
  },
  {
    why: "Refused by the path rules, so the connection is kept.",
    rows: ["line-del-in-target"],
  },
  {
    why: "A line without a name ends the head for its parser: the length behind it is hidden from the parser and from handlers, and the body is read as the next request. Its interface has neither the bytes of a head nor their number, so nothing can tell.",
    rows: ["name-empty-hides-length"],
    smuggles: true,
  },
  {
    why: "It loses the rest of the head, and with it the key.",
    rows: ["name-empty"],
  },
  {
    why: "It cuts values at the first byte above 127.",
    rows: ["value-obs-text", "value-utf-8"],
  },
  {
    why: "It answers only the exact spelling of 100-continue …",
    rows: ["expect-100-case"],
  },
  {
    why: "… and before a handler is asked.",
    rows: ["expect-100-unknown-key"],
  },
  {
    why: "It takes any option of five letters for close.",
    rows: ["connection-closed-is-no-close"],
  },
];

/** The client of our own has none. */
export const http1Failures: readonly KnownFailure[] = [];

export const undiciFailures: readonly KnownFailure[] = [
  {
    why: "A coding that it does not know is read to the end of the connection and passed on as if it were none.",
    rows: ["up-te-twice", "up-te-xchunked", "up-te-gzip-chunked"],
  },
  {
    why: "Its parser takes HTTP/2.0 for HTTP/1.1.",
    rows: ["up-version-2"],
  },
];

/** Names of rows in which a request that hides in another one is known to reach the upstream. */
export function smuggling(failures: readonly KnownFailure[]): readonly string[] {
  return failures.filter((one) => one.smuggles === true).flatMap((one) => one.rows);
}

/** Names of rows that timing decides. */
export function races(failures: readonly KnownFailure[]): ReadonlySet<string> {
  return new Set(failures.filter((one) => one.isRace === true).flatMap((one) => one.rows));
}

/** Row name → why. */
export function byRow(failures: readonly KnownFailure[]): ReadonlyMap<string, string> {
  return new Map(failures.flatMap(({ why, rows }) => rows.map((row) => [row, why] as const)));
}
