/**
 * `GET /usage.csv` and `/usage.ndjson`: usage as a download, with a token or a session. `?from=`, `to=`, `resolution=`,
 * `groupBy=API,KEY`, as those of the query `usageRows`. Sent as it is read; a few at a time.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clock } from "@latchkey/core";
import { contentDisposition } from "@latchkey/openapi";
import type { RequestAuth } from "../auth/request-auth.js";
import { HttpError, unauthenticated } from "../errors/http-error.js";
import type { UsageExport, UsageFormat } from "../traffic/usage-export.js";
import type { UsageSpan } from "../traffic/usage-reader.js";
import { type UsageDimension, usageDimensions } from "../traffic/usage-rows.js";
import { isResolution, spanOf, usageResolutions } from "../traffic/usage-span.js";
import type { Exchange } from "./exchange.js";

const TYPES: Readonly<Record<UsageFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
};
/** Each keeps some thousand rows in memory, and the database busy. */
const EXPORTS_MAX = 2;
/** A client that reads no faster gets the connection closed before the end of the document. */
const EXPORT_MS_MAX = 600_000;
/** A client that reads nothing for so long gives its place to others. */
const STALLED_MS_MAX = 30_000;

export interface UsageHandlerDeps {
  readonly usage: UsageExport;
  readonly auth: RequestAuth;
  readonly clock: Clock;
  readonly stalledMsMax?: number;
}

export class UsageHandler {
  readonly #deps: UsageHandlerDeps;
  #running = 0;

  constructor(deps: UsageHandlerDeps) {
    this.#deps = deps;
  }

  async handle(exchange: Exchange, format: UsageFormat): Promise<void> {
    // A download is a link, which cannot carry a CSRF token; it changes nothing, and no other site can read it.
    if ((await this.#deps.auth.identify(exchange.caller("usage"), null)) === null) throw unauthenticated();
    const { searchParams } = exchange.url;
    const span = spanFrom(searchParams, this.#deps.clock.now());
    const by = dimensionsFrom(searchParams.get("groupBy") ?? "");
    if (this.#running >= EXPORTS_MAX)
      throw new HttpError(429, "TOO_MANY_EXPORTS", "Too many exports are being written: try again.", {
        "retry-after": "10",
      });
    this.#running++;
    try {
      await this.#send(exchange, span, by, format);
    } finally {
      this.#running--;
    }
  }

  async #send(
    { res, method }: Exchange,
    span: UsageSpan,
    by: readonly UsageDimension[],
    format: UsageFormat,
  ): Promise<void> {
    const pieces = this.#deps.usage.document(span, by, format);
    // What cannot be read fails here, before anything is sent.
    const first = await pieces.next();
    res.writeHead(200, {
      "content-type": TYPES[format],
      "content-disposition": contentDisposition(`usage ${dateOf(span.fromMs)} ${dateOf(span.toMs)}`, format),
      "cache-control": "private, no-store",
    });
    if (method === "HEAD") {
      await pieces.return(undefined);
      res.end();
      return;
    }
    async function* document(): AsyncGenerator<string> {
      if (first.done !== true && first.value !== "") yield first.value;
      yield* pieces;
    }
    res.setTimeout(this.#deps.stalledMsMax ?? STALLED_MS_MAX, () => res.destroy());
    try {
      await pipeline(Readable.from(document(), { highWaterMark: 1 }), res, {
        signal: AbortSignal.timeout(EXPORT_MS_MAX),
      });
    } catch (error) {
      // The client left, or was too slow: the pipeline closed the connection, and nobody is there to be told.
      if (!isAborted(error)) throw error;
    }
  }
}

const ABORTED: ReadonlySet<unknown> = new Set([
  "ERR_STREAM_PREMATURE_CLOSE",
  "ABORT_ERR",
  "ECONNRESET",
  "EPIPE",
]);

function isAborted(error: unknown): boolean {
  return error instanceof Error && "code" in error && ABORTED.has(error.code);
}

/** @throws HttpError */
function spanFrom(parameters: URLSearchParams, nowMs: number): UsageSpan {
  const from = parameters.get("from");
  if (from === null) throw badRequest("`from` is needed: when the time begins, as 2026-11-01T00:00:00Z.");
  const to = parameters.get("to");
  const fromMs = timeFrom("from", from);
  const toMs = to === null ? nowMs : timeFrom("to", to);
  if (fromMs >= toMs) throw badRequest("`from` is before `to`.");
  const resolution = parameters.get("resolution") ?? "DAY";
  if (!isResolution(resolution)) throw badRequest(`\`resolution\` is one of ${usageResolutions.join(", ")}.`);
  return spanOf(fromMs, toMs, resolution);
}

/** RFC 3339, or a day of UTC. */
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

function timeFrom(name: string, text: string): number {
  const atMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs))
    throw badRequest(`\`${name}\` is a time such as 2026-11-01T00:00:00Z, or a day such as 2026-11-01.`);
  return atMs;
}

function dimensionsFrom(text: string): readonly UsageDimension[] {
  const names = text === "" ? [] : text.split(",");
  const found = usageDimensions.filter((dimension) => names.includes(dimension));
  if (names.some((name) => !found.includes(name as UsageDimension)))
    throw badRequest(`\`groupBy\` is a list of ${usageDimensions.join(", ")}, separated by commas.`);
  return found;
}

function badRequest(message: string): HttpError {
  return new HttpError(400, "BAD_REQUEST", message);
}

function dateOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
