/** Recorded headers and bodies of a message: as text, and as a curl command line. */
export const CONTENT_SELECTION = `contentMissing content {
  request { target headers { name value } body bodyState }
  upstreamRequest { method target headers { name value } }
  upstreamResponse { headers { name value } }
  response { headers { name value } body bodyState }
}`;

interface Header {
  readonly name: string;
  readonly value: string;
}

interface Head {
  readonly method?: string | null;
  readonly target?: string | null;
  readonly headers: readonly Header[];
}

interface Part extends Head {
  readonly body: string;
  readonly bodyState: "WHOLE" | "TRUNCATED" | "OMITTED";
}

export interface RecordedMessage {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly contentMissing: "NOT_RECORDED" | "NO_ROOM" | "UNREADABLE" | null;
  readonly content: {
    readonly request: Part;
    readonly upstreamRequest: Head | null;
    readonly upstreamResponse: Head | null;
    readonly response: Part | null;
  } | null;
}

const missing = {
  NOT_RECORDED: "no: its API did not record then",
  NO_ROOM: "no: more was recorded then than there was room for",
  UNREADABLE: "no: the control plane no longer has the encryption key that it was stored with",
} as const;

/** Why a message has no content; null: it has some. */
export function missingText({ contentMissing }: RecordedMessage): string | null {
  return contentMissing === null ? null : missing[contentMissing];
}

/** The content as lines of text. Empty: nothing was recorded. */
export function recordedLines(message: RecordedMessage): readonly string[] {
  const { content, method, path, status, requestBytes, responseBytes } = message;
  if (content === null) return [];
  const { request, upstreamRequest, upstreamResponse, response } = content;
  return [
    ...partLines("REQUEST OF THE CLIENT", `${method} ${request.target ?? path}`, request),
    ...bodyLines(request, requestBytes),
    ...(upstreamRequest === null
      ? []
      : partLines("REQUEST TO THE INTEGRATION", requestLine(upstreamRequest), upstreamRequest)),
    ...(upstreamResponse === null ? [] : partLines("RESPONSE OF THE INTEGRATION", "", upstreamResponse)),
    ...(response === null
      ? []
      : [
          ...partLines("RESPONSE TO THE CLIENT", String(status), response),
          ...bodyLines(response, responseBytes),
        ]),
  ];
}

/** What an earlier release stored has no method. */
function requestLine({ method, target }: Head): string {
  return [method, target].filter((part) => part != null).join(" ");
}

function partLines(title: string, line: string, { headers }: Head): readonly string[] {
  const first = line === "" ? [] : [line];
  return ["", title, ...first, ...headers.map(({ name, value }) => `${name}: ${value}`)];
}

function bodyLines({ body, bodyState }: Part, bytes: number): readonly string[] {
  if (bodyState === "OMITTED")
    return ["", `(${bytes} bytes that are no text, are compressed or could not be masked)`];
  if (body === "") return [];
  const cut = bodyState === "TRUNCATED" ? [`(cut: ${bytes} bytes in all)`] : [];
  return ["", ...body.split("\n"), ...cut];
}

/** Headers of one connection or of one request: a request that is sent again gets its own. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "accept-encoding",
  "interchangeid",
]);

export interface Gateway {
  readonly ingressUrl: string | null;
  readonly keyHeader: string;
}

/** Masked values stay `•••`; the key is `$LATCHKEY_KEY`, and a body that is not kept as a whole is read from the file `body`. */
export function curlLine({ method, path, content }: RecordedMessage, gateway: Gateway): string {
  const { ingressUrl, keyHeader } = gateway;
  const { target = null, headers = [], body = "", bodyState = "WHOLE" } = content?.request ?? {};
  const sent = headers.filter(({ name }) => !OWN_HEADERS.has(name) && name !== keyHeader.toLowerCase());
  const url = `${(ingressUrl ?? "https://your-ingress").replace(/(?<!\/)\/+$/, "")}${target ?? path}`;
  return [
    "curl -i",
    // Without it, curl takes brackets for a list of URLs.
    ...(/[[\]{}]/.test(url) ? ["--globoff"] : []),
    ...(method === "HEAD" ? ["--head"] : ["-X", quoted(method)]),
    quoted(url),
    `-H "${keyHeader}: $LATCHKEY_KEY"`,
    ...sent.map(({ name, value }) => `-H ${quoted(`${name}: ${value}`)}`),
    ...bodyOptions(body, bodyState),
  ].join(" ");
}

/** `--data-binary @…` sends a file: a body that a client chose must not name one. */
function bodyOptions(body: string, state: Part["bodyState"]): readonly string[] {
  if (state !== "WHOLE") return ["--data-binary @body"];
  return body === "" ? [] : [`--data-raw ${quoted(body)}`];
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
