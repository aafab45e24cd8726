/** `latchkey usage export`: what nodes counted, as CSV or NDJSON. Writes it as it comes: it may be larger than memory. */
import { open as openFile } from "node:fs/promises";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { escapeControls } from "@latchkey/observe/terminal-text";
import { type Command, InvalidArgumentError, Option } from "commander";
import { addressOf, type ControlPlaneOptions, withControlPlane } from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { UsageError } from "../exit-code.js";
import { FileDraft } from "../file-draft.js";
import { GraphqlRequestError, requestFailed, tokenRefused } from "../graphql-client.js";
import { reason, STANDARD_STREAM } from "../output.js";
import { time } from "../resources/parsers.js";
import { ResponseTimeout } from "../response-timeout.js";

interface Options extends ControlPlaneOptions {
  readonly from: string;
  readonly to?: string;
  readonly resolution: string;
  readonly by: string;
  readonly format: "csv" | "ndjson";
  readonly out?: string;
}

const DIMENSIONS = ["api", "route", "key", "integration", "node", "status", "error-code"];

function dimensions(text: string): string {
  if (text.split(",").every((name) => DIMENSIONS.includes(name))) return text;
  throw new InvalidArgumentError(`expected a list such as api,key of ${DIMENSIONS.join(", ")}.`);
}

export function addUsageVerb(program: Command): void {
  const usage = program.command("usage").description("export what nodes counted");
  withExamples(withControlPlane(usage.command("export")), [
    "latchkey usage export --from 2026-11-01 --to 2026-12-01 --by api,key --out november.csv",
    "latchkey usage export --from 2026-11-29 --resolution hour --by route,status --format ndjson",
  ])
    .description("write requests and bytes by minute, hour or day; every request is in one row")
    .requiredOption(
      "--from <time>",
      "when it begins: a day of UTC (2026-11-01), or 2026-11-01T08:00:00Z",
      time,
    )
    .option("--to <time>", "when it ends; now without it", time)
    .addOption(
      new Option("--resolution <step>", "how long a step is")
        .choices(["minute", "ten-minutes", "hour", "day"])
        .default("day"),
    )
    .option(
      "--by <list>",
      `what the requests of a row have in common: ${DIMENSIONS.join(", ")}`,
      dimensions,
      "api,key",
    )
    .addOption(new Option("--format <format>", "how it is written").choices(["csv", "ndjson"]).default("csv"))
    .option("--out <file>", "write to this file instead of standard output (-)")
    .action(async (options: Options) => {
      const document = await open(options);
      if (options.out === undefined || options.out === STANDARD_STREAM)
        await copied(document, standardOutput(), "the export");
      else await writeFile(document, options.out);
    });
}

/**
 * The pieces of the export, none of which takes longer than a response may.
 * @throws GraphqlRequestError
 */
async function open(options: Options): Promise<AsyncIterable<Uint8Array>> {
  const { url, token } = addressOf(options);
  const { from, to, resolution, by, format } = options;
  if (to !== undefined && from >= to) throw new UsageError("--from is not before --to.");
  const target = new URL(`${url.slice(0, url.lastIndexOf("/"))}/usage.${format}`);
  target.searchParams.set("from", from);
  if (to !== undefined) target.searchParams.set("to", to);
  target.searchParams.set("resolution", constant(resolution));
  target.searchParams.set("groupBy", constant(by));
  const timeout = new ResponseTimeout();
  const request = fetch(target, {
    headers: { authorization: `Bearer ${token}` },
    signal: timeout.signal,
  });
  const response = await timeout.wait(request).catch((cause: unknown) => {
    throw new GraphqlRequestError(
      `no response from the control plane at ${target.origin}: ${requestFailed(cause)}`,
      { cause },
    );
  });
  if (response.ok && response.body !== null) return pieces(response.body.getReader(), timeout);
  const text = await timeout.wait(response.text());
  throw new GraphqlRequestError(
    response.status === 401
      ? tokenRefused(target.origin)
      : `${target.origin} responded with ${response.status}: ${messageOf(text)}`,
  );
}

async function* pieces(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  timeout: ResponseTimeout,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { done, value } = await timeout.wait(reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined); // broken off: nobody reads the rest
  }
}

/** `ten-minutes` → `TEN_MINUTES`, as GraphQL names it. */
function constant(text: string): string {
  return text.toUpperCase().replaceAll("-", "_");
}

function messageOf(text: string): string {
  try {
    const { errors } = JSON.parse(text) as { readonly errors: readonly { readonly message: string }[] };
    return errors.map(({ message }) => message).join("; ");
  } catch {
    return "no usage";
  }
}

async function writeFile(document: AsyncIterable<Uint8Array>, file: string): Promise<void> {
  using draft = new FileDraft(file);
  // Opened before anything is written: a stream that is closed while it opens its file leaves an empty one.
  const opened = await openFile(draft.path, "w").catch((cause: unknown) => {
    throw new Error(`${file} cannot be written: ${reason(cause)}`, { cause });
  });
  await copied(document, opened.createWriteStream(), `the export to ${file}`);
  draft.commit();
}

/** @param what for the error */
async function copied(document: AsyncIterable<Uint8Array>, output: Writable, what: string): Promise<void> {
  await pipeline(document, output).catch((cause: unknown) => {
    throw new Error(`${what} broke off, and is not complete: ${requestFailed(cause)}`, { cause });
  });
}

/** Names may have control characters, which a terminal would obey. */
function standardOutput(): Writable {
  const decoder = new TextDecoder();
  return new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      const piece = process.stdout.isTTY ? escapeControls(decoder.decode(chunk, { stream: true })) : chunk;
      // A reader that closes the pipe early has all that it wants.
      process.stdout.write(piece, () => done());
    },
  });
}
