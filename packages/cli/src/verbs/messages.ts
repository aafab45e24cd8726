/** `latchkey get message` and `latchkey list messages`: requests of the message trail. */
import { type Command, InvalidArgumentError } from "commander";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { type FormatOptions, isTable, printItem, printItems, withFormat } from "../format/result.js";
import type { Column } from "../format/table.js";
import type { GraphqlClient } from "../graphql-client.js";
import { print, printError, write } from "../output.js";
import type { Options as FilterOptions } from "../resources/inputs.js";
import { messageFilterOf, withMessageFilter, withTimes } from "./message-filter.js";
import {
  CONTENT_SELECTION,
  curlLine,
  type Gateway,
  missingText,
  type RecordedMessage,
  recordedLines,
} from "./recorded-message.js";

interface Attempt {
  readonly url: string;
  readonly status: number | null;
  readonly errorCode: string | null;
  readonly durationMs: number;
}

interface Message {
  readonly at: string;
  readonly interchangeId: string;
  readonly nodeName: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly errorCode: string | null;
  readonly durationMs: number;
  readonly apiId: string | null;
  readonly keyId: string | null;
  readonly revision: { readonly number: number } | null;
  readonly api: { readonly title: string } | null;
  readonly key: { readonly name: string } | null;
  readonly route: { readonly method: string; readonly path: string } | null;
  readonly integration: { readonly name: string } | null;
  readonly attempts: readonly Attempt[];
  readonly error: { readonly title: string; readonly meaning: string; readonly check: string } | null;
}

const SELECTION = `at interchangeId nodeId nodeName method path status errorCode durationMs requestBytes responseBytes
  apiId keyId routeId integrationId revision { epoch number }
  api { title } key { name } route { method path } integration { name }
  attempts { url status errorCode startedMs waitMs connectMs firstByteMs durationMs }
  error { code title meaning check owner retry }`;

const PAGE_SIZE = 100;
const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 10_000;

const listColumns: readonly Column<Message>[] = [
  { title: "TIME", value: ({ at }) => at },
  { title: "STATUS", value: ({ status }) => status },
  { title: "REQUEST", value: ({ method, path }) => `${method} ${path}` },
  { title: "API", value: ({ api, apiId }) => api?.title ?? apiId },
  { title: "KEY", value: ({ key, keyId }) => key?.name ?? keyId },
  { title: "CODE", value: ({ errorCode }) => errorCode },
  { title: "TOOK", value: ({ durationMs }) => `${durationMs.toFixed(1)} ms` },
  { title: "INTERCHANGE ID", value: ({ interchangeId }) => interchangeId },
];

type WholeMessage = Message & RecordedMessage;

const itemColumns: readonly Column<WholeMessage>[] = [
  { title: "INTERCHANGE ID", value: ({ interchangeId }) => interchangeId },
  { title: "TIME", value: ({ at }) => at },
  { title: "REQUEST", value: ({ method, path }) => `${method} ${path}` },
  { title: "STATUS", value: ({ status }) => status },
  { title: "API", value: ({ api, apiId }) => api?.title ?? apiId },
  { title: "KEY", value: ({ key, keyId }) => key?.name ?? keyId },
  { title: "ROUTE", value: ({ route }) => (route === null ? null : `${route.method} ${route.path}`) },
  { title: "INTEGRATION", value: ({ integration }) => integration?.name },
  { title: "NODE", value: ({ nodeName }) => nodeName },
  { title: "REVISION", value: ({ revision }) => revision?.number },
  { title: "TOOK", value: ({ durationMs }) => `${durationMs.toFixed(1)} ms` },
  { title: "SENT", value: ({ attempts }) => attempts.map(attemptText).join("; ") || null },
  { title: "CODE", value: ({ errorCode }) => errorCode },
  { title: "WHY", value: ({ error }) => error?.meaning },
  { title: "CHECK", value: ({ error }) => error?.check },
  { title: "RECORDED", value: (message) => missingText(message) ?? "yes" },
];

function attemptText({ url, status, errorCode, durationMs }: Attempt): string {
  return `${url} ${status ?? errorCode ?? "no response"} ${durationMs.toFixed(1)} ms`;
}

type Options = ControlPlaneOptions & FormatOptions;

/** After `addResourceVerbs`. */
export function addMessageVerbs(program: Command): void {
  withExamples(withFormat(withControlPlane(verb(program, "get").command("message"))), [
    "latchkey get message 2377f6e5-c854-4161-89ab-561a11f8ccd6",
    "latchkey get message 2377f6e5-c854-4161-89ab-561a11f8ccd6 --curl   # the key is $LATCHKEY_KEY",
  ])
    .description("show a request by its interchange id: where it went, why it failed, and what was recorded")
    .argument("<interchange id>", "the response's InterchangeId header, or a problem's requestId")
    .option("--curl", "print it as a curl command line instead, with what was recorded of it")
    .action(async (interchangeId: string, options: Options & { readonly curl?: boolean }) => {
      const { message, server } = await clientOf(options).query<{
        message: WholeMessage | null;
        server: Gateway;
      }>(
        `query($interchangeId: String!) {
          server { ingressUrl keyHeader }
          message(interchangeId: $interchangeId) { ${SELECTION} ${CONTENT_SELECTION} }
        }`,
        { interchangeId },
      );
      if (message === null)
        throw new Error(
          `no request with the interchange id "${interchangeId}" is kept: it is too old, or its node reported others of that second`,
        );
      if (options.curl === true) {
        if (message.content === null) printError(["Headers, query and body were not recorded."]);
        return write(curlLine(message, server), undefined);
      }
      await printItem(options, itemColumns, message);
      const lines = isTable(options) ? recordedLines(message) : [];
      if (lines.length > 0) print(lines);
    });
  const list = withExamples(withFormat(withControlPlane(verb(program, "list").command("messages"))), [
    "latchkey list messages --api Orders --outcome failed --since 15m",
    "latchkey list messages --api Orders --route 'GET /orders/{id}' --since 2027-01-31T08:00:00Z --until 2027-01-31T09:00:00Z",
    "latchkey list messages --error-code key.unknown --limit 10 --json",
  ])
    .alias("message")
    .description("list requests that nodes reported, newest first");
  withTimes(withMessageFilter(list))
    .option("--limit <number>", "at most so many", limit, LIMIT_DEFAULT)
    .action(async (options: Options & FilterOptions & { readonly limit: number }) => {
      const client = clientOf(options);
      await printItems(
        options,
        listColumns,
        await newest(client, await messageFilterOf(client, options), options.limit),
      );
    });
}

function verb(program: Command, name: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  if (found === undefined) throw new Error(`there is no command ${name}`);
  return found;
}

interface Page {
  readonly messages: {
    readonly nodes: readonly Message[];
    readonly searchedBackTo: string | null;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** Goes on where a page ended before it was full; says how far it came. */
async function newest(
  client: GraphqlClient,
  filter: Record<string, unknown>,
  limit: number,
): Promise<readonly Message[]> {
  const found: Message[] = [];
  for (let after: string | null = null, hasNextPage = true; hasNextPage && found.length < limit; ) {
    const first = Math.min(PAGE_SIZE, limit - found.length);
    const { messages }: Page = await client.query<Page>(
      `query($first: Int!, $after: String, $filter: MessageFilter) {
        messages(first: $first, after: $after, filter: $filter) {
          nodes { ${SELECTION} } searchedBackTo pageInfo { hasNextPage endCursor } } }`,
      { first, after, filter },
    );
    found.push(...messages.nodes);
    if (messages.searchedBackTo !== null) printError([`Searched back to ${messages.searchedBackTo} …`]);
    ({ hasNextPage, endCursor: after } = messages.pageInfo);
  }
  return found;
}

function limit(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > LIMIT_MAX)
    throw new InvalidArgumentError(`expected a number from 1 to ${LIMIT_MAX}.`);
  return number;
}
