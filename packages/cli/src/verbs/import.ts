/** `latchkey import`: routes from an OpenAPI document, with a report of everything that has no counterpart. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import { type Done, UsageError } from "../exit-code.js";
import { counted } from "../format/counted.js";
import type { GraphqlClient, UserError } from "../graphql-client.js";
import { type OptionNames, refusal } from "../option-names.js";
import { nameOf, print, printError, read } from "../output.js";
import { findId } from "../resources/find.js";
import { groupLines, type PlacedGroup, type PlacedNote, placed } from "./note-lines.js";

interface Options extends ControlPlaneOptions {
  readonly api?: string;
  readonly subscription?: string;
  readonly title?: string;
  readonly integration?: string;
  readonly map: readonly Entry[];
  readonly fromServers: boolean;
  readonly serverUrl?: string;
  readonly pathPrefix?: string;
  readonly validate: "keep" | "on" | "off";
  readonly replace: boolean;
  readonly split?: "tag" | "path";
  readonly notes: boolean;
  readonly dryRun: boolean;
}

interface Entry {
  readonly match: string;
  /** By id or name. */
  readonly integration: string;
}

interface Payload {
  readonly dryRun: boolean;
  readonly apis: readonly {
    readonly title: string;
    readonly routeCount: number;
    readonly api: { readonly id: string } | null;
    readonly secret: string | null;
  }[];
  readonly routes: readonly { fate: string; method: string; path: string; operationId: string }[];
  readonly integrations: readonly {
    readonly id: string;
    readonly name: string;
    readonly urls: readonly string[];
  }[];
  readonly notes?: readonly (PlacedNote & { readonly severity: string })[];
  readonly noteGroups?: readonly PlacedGroup[];
  readonly userErrors: readonly UserError[];
}

/** The control plane may take minutes of a document, and more when others wait for theirs. Milliseconds. */
const IMPORT_TIMEOUT_MS = 300_000;

const optionNames: OptionNames = {
  apiId: "--api",
  subscriptionId: "--subscription",
  title: "--title",
  replace: "--replace",
  split: "--split",
  integrations: "--from-servers",
  serverUrl: "--server-url",
  pathPrefix: "--path-prefix",
  validate: "--validate",
  dryRun: "--dry-run",
  "mapping.default": "--integration",
  "mapping.operations": "--map",
};

function entry(text: string, earlier: readonly Entry[]): readonly Entry[] {
  const cut = text.lastIndexOf("=");
  if (cut <= 0) throw new InvalidArgumentError("expected <operation id or 'METHOD /path'>=<integration>.");
  return [...earlier, { match: text.slice(0, cut), integration: text.slice(cut + 1) }];
}

export function addImportVerb(program: Command, done: Done): void {
  withControlPlane(program.command("import").description("create or update an API from an OpenAPI document"))
    .argument("<file>", "OpenAPI 3.0, 3.1 or 3.2, or Swagger 2.0; JSON or YAML; - is standard input")
    .option("--api <api>", "the API to update, by id or title (default: a new one)")
    .option("--subscription <subscription>", "subscription of a new API, by id or name")
    .option("--title <title>", "title of a new API")
    .option(
      "--integration <integration>",
      "integration of every operation that nothing else matches, by id or name",
    )
    .option("--map <operation=integration>", "integration of one operation; may be repeated", entry, [])
    .option(
      "--from-servers",
      "create integrations from the document's servers for all other operations",
      false,
    )
    .option("--server-url <url>", "server of these integrations, instead of the document's")
    .option(
      "--path-prefix <text>",
      'in front of the document\'s paths, "" for nothing (default: the path of its first server)',
    )
    .addOption(
      new Option("--validate <what>", "refuse requests that do not match: keep what routes have, on, off")
        .choices(["keep", "on", "off"])
        .default("keep"),
    )
    .addOption(
      new Option("--split <by>", "create several APIs: one for each tag, or for each path segment").choices([
        "tag",
        "path",
      ]),
    )
    .option("--replace", "delete routes that the document does not have", false)
    .option("--notes", "print every note of the report, not the first three of each kind", false)
    .option("--dry-run", "change nothing, only report", false)
    .action(async (file: string, options: Options) => {
      if (options.api === undefined && options.subscription === undefined)
        throw new UsageError(
          "name the API to change with --api, or the subscription of a new one with --subscription.",
        );
      const client = clientOf(options);
      const document = await read(file);
      if (document.trim() === "")
        throw new Error(`${nameOf(file)} is empty: an OpenAPI document is expected`);
      const references = await referencesOf(client, options);
      const { importOpenApi } = await client.query<{ importOpenApi: Payload }>(
        `mutation($input: ImportOpenApiInput!) {
          importOpenApi(input: $input) {
            dryRun apis { title routeCount api { id } secret } integrations { id name urls }
            ${options.notes ? "notes { severity pointer message line column }" : NOTE_GROUPS}
            routes { fate method path operationId }
            userErrors { field code message }
          }
        }`,
        {
          input: {
            document,
            ...references,
            title: options.title,
            replace: options.replace,
            split: options.split?.toUpperCase(),
            integrations: options.fromServers ? "FROM_SERVERS" : "MAPPED",
            serverUrl: options.serverUrl,
            pathPrefix: options.pathPrefix,
            validate: options.validate.toUpperCase(),
            dryRun: options.dryRun,
          },
        },
        IMPORT_TIMEOUT_MS,
      );
      const lines = report(importOpenApi);
      if (lines.length > 0) print(lines);
      const names = { ...optionNames, document: nameOf(file) };
      const refused = importOpenApi.userErrors.map((error) => refusal(error, names));
      if (refused.length > 0) printError([...refused, "Nothing was changed."]);
      done(importOpenApi.userErrors.length === 0 ? 0 : 1);
    });
}

/** The ids of what the options name. */
async function referencesOf(client: GraphqlClient, { api, subscription, integration, map }: Options) {
  const options = new Map(map.map((one) => [one.integration, "--map"]));
  if (integration !== undefined) options.set(integration, "--integration");
  const ids = new Map<string, string>();
  for (const [name, option] of options) ids.set(name, await findId(client, "integration", name, option));
  return {
    ...(api === undefined ? {} : { apiId: await findId(client, "api", api, "--api") }),
    ...(subscription === undefined
      ? {}
      : { subscriptionId: await findId(client, "subscription", subscription, "--subscription") }),
    mapping: {
      ...(integration === undefined ? {} : { default: ids.get(integration) }),
      operations: map.map((one) => ({ match: one.match, integrationId: ids.get(one.integration) })),
    },
  };
}

const NOTE_GROUPS =
  "noteGroups { severity code title count examples { severity pointer message line column } }";

function report(payload: Payload): readonly string[] {
  const lines = payload.routes.map(
    (route) => `${route.fate.toLowerCase().padEnd(10)} ${route.method} ${route.path}`,
  );
  // A dry run rolls the integrations back, and their ids with them.
  for (const { id, name, urls } of payload.integrations)
    lines.push(
      `added      integration ${payload.dryRun ? "" : `${id} `}${JSON.stringify(name)} → ${urls.join(", ")}`,
    );
  for (const note of payload.notes ?? []) lines.push(`${note.severity.toLowerCase()}: ${placed(note)}`);
  for (const group of payload.noteGroups ?? []) lines.push(...groupLines(group));
  if (payload.userErrors.length > 0) return lines;
  const isSplit = payload.apis.length > 1;
  for (const { title, routeCount, api, secret } of payload.apis) {
    const what = `${JSON.stringify(title)} (${counted(routeCount, "route")})`;
    if (isSplit) lines.push(api === null ? `API ${what}` : `API ${api.id} ${what}`);
    else if (api !== null) lines.push(`API ${api.id}`);
    if (secret !== null) lines.push(`Its key, shown this once: ${secret}`);
  }
  if (payload.dryRun) lines.push("Nothing was changed (dry run).");
  return lines;
}
