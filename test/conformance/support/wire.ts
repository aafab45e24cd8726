// Reads HTTP/1.1 messages off a socket's bytes, for the recorder and the raw client of this suite. Written apart
// from @latchkey/http1 on purpose: a fault in our codec must not hide itself. Takes only what RFC 9112 generates,
// never what a lenient recipient may forgive; anything else is a `fault`, and nothing after it is read.

export type Header = readonly [name: string, value: string];

/** One message, filled while its bytes arrive. Names and values are latin1, one char a byte. */
export interface WireMessage {
  readonly startLine: string;
  /** Names as on the wire; values without outer white space. */
  readonly headers: readonly Header[];
  /** Raw bytes of the head, with the empty line. */
  readonly headText: string;
  readonly framing: "none" | "length" | "chunked" | "close";
  readonly body: Buffer[];
  bodyBytes: number;
  trailers: readonly Header[];
  complete: boolean;
}

type State = "head" | "length" | "chunk-size" | "chunk-data" | "chunk-end" | "trailers" | "close" | "fault";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control bytes are what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
const REQUEST_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [\x21-\x7e]+ HTTP\/1\.[01]$/;
const STATUS_LINE = /^HTTP\/1\.[01] [1-9][0-9]{2} [\t\x20-\x7e\x80-\xff]*$/;

export class MessageReader {
  readonly messages: WireMessage[] = [];
  /** What was wrong, in words; null while all is well. */
  fault: string | null = null;
  readonly #role: "request" | "response";
  readonly #isBodiless: (finalIndex: number) => boolean;
  #finals = 0;
  #state: State = "head";
  #buffer: Buffer = Buffer.alloc(0);
  #left = 0;
  #current: WireMessage | null = null;

  /** @param isBodiless whether the n-th final response responses a HEAD request */
  constructor(role: "request" | "response", isBodiless: (finalIndex: number) => boolean = () => false) {
    this.#role = role;
    this.#isBodiless = isBodiless;
  }

  /** Bytes that do not belong to a complete message yet. */
  get pendingBytes(): number {
    return this.#buffer.length;
  }

  /** The message whose end has not come. */
  get open(): WireMessage | null {
    return this.#current;
  }

  feed(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    while (this.#step());
  }

  /** The peer sends no more. Completes a response that ends with its connection. */
  end(): void {
    if (this.#state === "close") this.#finish();
  }

  /** True when something was done and there may be more to do. */
  #step(): boolean {
    switch (this.#state) {
      case "head":
        return this.#head();
      case "length":
      case "chunk-data":
        return this.#data();
      case "close":
        this.#take(this.#buffer.length);
        return false;
      case "chunk-size":
        return this.#chunkSize();
      case "chunk-end":
        return this.#chunkEnd();
      case "trailers":
        return this.#trailers();
      case "fault":
        return false;
    }
  }

  #fail(why: string): boolean {
    this.fault = why;
    this.#state = "fault";
    return false;
  }

  /** The text up to `end`, taken out of the buffer; null while it is not there. */
  #until(end: string): string | null {
    const at = this.#buffer.indexOf(end, 0, "latin1");
    if (at < 0) return null;
    const text = this.#buffer.toString("latin1", 0, at + end.length);
    this.#buffer = this.#buffer.subarray(at + end.length);
    return text;
  }

  #head(): boolean {
    if (this.#buffer.length === 0) return false;
    const text = this.#until("\r\n\r\n");
    if (text === null) return false;
    const lines = text.slice(0, -4).split("\r\n");
    const startLine = lines[0] ?? "";
    const pattern = this.#role === "request" ? REQUEST_LINE : STATUS_LINE;
    if (!pattern.test(startLine))
      return this.#fail(`bad start line ${JSON.stringify(startLine.slice(0, 60))}`);
    const headers = this.#fields(lines.slice(1));
    if (headers === null) return false;
    const framing = this.#framing(startLine, headers);
    if (framing === null) return false;
    const message: WireMessage = {
      startLine,
      headers,
      headText: text,
      framing,
      body: [],
      bodyBytes: 0,
      trailers: [],
      complete: false,
    };
    this.messages.push(message);
    this.#current = message;
    this.#state = framing === "chunked" ? "chunk-size" : framing === "close" ? "close" : "length";
    if (framing === "none" || (framing === "length" && this.#left === 0)) this.#finish();
    return true;
  }

  #fields(lines: readonly string[]): Header[] | null {
    const headers: Header[] = [];
    for (const line of lines) {
      const colon = line.indexOf(":");
      const name = line.slice(0, Math.max(colon, 0));
      if (!TOKEN.test(name) || CONTROL.test(line)) {
        this.#fail(`bad field line ${JSON.stringify(line.slice(0, 60))}`);
        return null;
      }
      headers.push([name, line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")]);
    }
    return headers;
  }

  #framing(startLine: string, headers: readonly Header[]): WireMessage["framing"] | null {
    const lengths = valuesOf(headers, "content-length");
    const codings = valuesOf(headers, "transfer-encoding");
    if (lengths.length > 1) return this.#refuse("several Content-Length lines");
    if (codings.length > 1) return this.#refuse("several Transfer-Encoding lines");
    if (lengths.length > 0 && codings.length > 0)
      return this.#refuse("both Content-Length and Transfer-Encoding");
    if (codings[0] !== undefined && codings[0].toLowerCase() !== "chunked") return this.#refuse("odd coding");
    if (lengths[0] !== undefined && !/^[0-9]{1,19}$/.test(lengths[0]))
      return this.#refuse("odd Content-Length");
    this.#left = Number(lengths[0] ?? 0);
    if (this.#role === "request") {
      if (codings.length > 0) return "chunked";
      return lengths.length > 0 ? "length" : "none";
    }
    const status = Number(startLine.slice(9, 12));
    const hasNone = status < 200 || status === 204;
    if (hasNone && (lengths.length > 0 || codings.length > 0))
      return this.#refuse(`framing header in a ${status}`);
    if (hasNone || status === 304) return "none";
    if (this.#isBodiless(this.#finals)) return "none";
    if (codings.length > 0) return "chunked";
    return lengths.length > 0 ? "length" : "close";
  }

  #refuse(why: string): null {
    this.#fail(why);
    return null;
  }

  #take(bytes: number): void {
    const message = this.#current;
    if (message === null || bytes === 0) return;
    message.body.push(this.#buffer.subarray(0, bytes));
    message.bodyBytes += bytes;
    this.#buffer = this.#buffer.subarray(bytes);
  }

  #data(): boolean {
    const bytes = Math.min(this.#left, this.#buffer.length);
    if (bytes === 0) return false;
    this.#take(bytes);
    this.#left -= bytes;
    if (this.#left > 0) return false;
    if (this.#state === "chunk-data") this.#state = "chunk-end";
    else this.#finish();
    return true;
  }

  #chunkSize(): boolean {
    const line = this.#until("\r\n");
    if (line === null) return false;
    if (!/^[0-9a-fA-F]{1,12}\r\n$/.test(line))
      return this.#fail(`bad chunk size ${JSON.stringify(line.slice(0, 60))}`);
    this.#left = Number.parseInt(line, 16);
    this.#state = this.#left === 0 ? "trailers" : "chunk-data";
    return true;
  }

  #chunkEnd(): boolean {
    if (this.#buffer.length < 2) return false;
    if (this.#buffer[0] !== 13 || this.#buffer[1] !== 10) return this.#fail("no CRLF after a chunk");
    this.#buffer = this.#buffer.subarray(2);
    this.#state = "chunk-size";
    return true;
  }

  #trailers(): boolean {
    const message = this.#current;
    if (message === null) return false;
    const line = this.#until("\r\n");
    if (line === null) return false;
    if (line === "\r\n") {
      this.#finish();
      return true;
    }
    const fields = this.#fields([line.slice(0, -2)]);
    if (fields === null) return false;
    message.trailers = [...message.trailers, ...fields];
    return true;
  }

  #finish(): void {
    const message = this.#current;
    if (message === null) return;
    message.complete = true;
    this.#current = null;
    this.#state = "head";
    if (this.#role === "response" && statusOf(message) >= 200) this.#finals += 1;
  }
}

export function statusOf(message: WireMessage): number {
  return Number(message.startLine.slice(9, 12));
}

export function valuesOf(headers: readonly Header[], lowerName: string): string[] {
  return headers.filter(([name]) => name.toLowerCase() === lowerName).map(([, value]) => value);
}

export function bodyText(message: WireMessage): string {
  return Buffer.concat(message.body).toString("latin1");
}
