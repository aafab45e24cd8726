/** `latchkey tail`: requests as nodes report them (a sample, when there are many), until Ctrl-C or the reader of standard output ends. */
import type { Command } from "commander";
import { addressOf, type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { GraphqlStream } from "../graphql-stream.js";
import { print } from "../output.js";
import type { Options as FilterOptions } from "../resources/inputs.js";
import { messageFilterOf, withMessageFilter } from "./message-filter.js";

type Options = ControlPlaneOptions & FilterOptions & { readonly json?: boolean };

interface TailedRequest {
  readonly at: string;
  readonly nodeName: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly errorCode: string | null;
  readonly interchangeId: string;
  readonly api: { readonly title: string } | null;
  readonly key: { readonly name: string } | null;
}

const QUERY = `subscription($filter: MessageFilter) {
  requestTail(filter: $filter) {
    at nodeName method path status durationMs errorCode interchangeId apiId keyId integrationId routeId
    api { title } key { name }
  }
}`;

export function addTailVerb(program: Command): void {
  const command = withExamples(
    withControlPlane(program.command("tail").description("show requests as they happen")),
    [
      "latchkey tail --api Orders --outcome failed",
      "latchkey tail --key Partner --path /orders/ --status 404",
      "latchkey tail --json | jq .status",
    ],
  );
  withMessageFilter(command)
    .option("--json", "one line of JSON for each request")
    .action(async (options: Options) => {
      await tail(options, await messageFilterOf(clientOf(options), options));
    });
}

async function tail(options: Options, filter: Record<string, unknown>): Promise<void> {
  const stream = await GraphqlStream.open(addressOf(options));
  const results = stream.results<{ readonly requestTail: TailedRequest }>(QUERY, { filter }, (stop) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
    process.stdout.once("error", stop); // the reader has all that it wants
  });
  for await (const { requestTail: request } of results)
    print([options.json === true ? JSON.stringify(request) : line(request)]);
}

function line({
  at,
  nodeName,
  method,
  path,
  status,
  durationMs,
  errorCode,
  interchangeId,
  api,
  key,
}: TailedRequest): string {
  const error = errorCode === null ? "" : ` ${errorCode}`;
  // A deleted API or key is null.
  const from = api === null || key === null ? "" : ` "${api.title}" "${key.name}"`;
  return `${at} ${nodeName} ${status} ${method} ${path} ${durationMs.toFixed(1)} ms${error}${from} ${interchangeId}`;
}
