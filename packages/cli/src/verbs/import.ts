/** `latchkey import`: routes from an OpenAPI document, with a report of everything that has no counterpart. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import type { UserError } from "../graphql-client.js";
import type { Done } from "../main.js";
import { type OptionNames, refusal } from "../option-names.js";
import { print, printError, read } from "../output.js";

interface Options extends ControlPlaneOptions {
  readonly api?: string;
  readonly subscription?: string;
  readonly title?: string;
  readonly integration?: string;
  readonly map: readonly Entry[];
  readonly replace: boolean;
  readonly bodies: "keep" | "fill" | "replace";
  readonly dryRun: boolean;
}

interface Entry {
  readonly match: string;
  readonly integrationId: string;
}

interface Payload {
  readonly dryRun: boolean;
  readonly api: { readonly id: string } | null;
  readonly secret: string | null;
  readonly routes: readonly { fate: string; method: string; path: string; operationId: string }[];
  readonly integrations: readonly { readonly id: string; readonly name: string }[];
  readonly notes: readonly { severity: string; pointer: string; code: string; message: string }[];
  readonly userErrors: readonly UserError[];
}

const optionNames: OptionNames = {
  document: "<file>",
  apiId: "--api",
  subscriptionId: "--subscription",
  title: "--title",
  replace: "--replace",
  contracts: "--bodies",
  dryRun: "--dry-run",
  "mapping.default": "--integration",
  "mapping.operations": "--map",
};

function entry(text: string, earlier: readonly Entry[]): readonly Entry[] {
  const cut = text.lastIndexOf("=");
  if (cut <= 0) throw new InvalidArgumentError("expected <operation id or 'METHOD /path'>=<integration id>.");
  return [...earlier, { match: text.slice(0, cut), integrationId: text.slice(cut + 1) }];
}

export function addImportVerb(program: Command, done: Done): void {
  withControlPlane(program.command("import").description("make or change an API from an OpenAPI document"))
    .argument("<file>", "OpenAPI 3.0 or 3.1, JSON or YAML; - is standard input")
    .option("--api <id>", "the API to change; without it a new one is made")
    .option("--subscription <id>", "subscription of a new API")
    .option("--title <title>", "title of a new API")
    .option("--integration <id>", "integration of every operation that nothing else matches")
    .option("--map <operation=integration>", "integration of one operation; may be repeated", entry, [])
    .option("--replace", "delete routes that the document does not have", false)
    .addOption(
      new Option("--bodies <what>", "schemas and examples of bodies: what integrations take of them")
        .choices(["keep", "fill", "replace"])
        .default("fill"),
    )
    .option("--dry-run", "change nothing, only report", false)
    .action(async (file: string, options: Options) => {
      const client = clientOf(options);
      const { importOpenApi } = await client.query<{ importOpenApi: Payload }>(
        `mutation($input: ImportOpenApiInput!) {
          importOpenApi(input: $input) {
            dryRun api { id } secret integrations { id name }
            routes { fate method path operationId }
            notes { severity pointer code message }
            userErrors { field code message }
          }
        }`,
        {
          input: {
            document: await read(file),
            apiId: options.api,
            subscriptionId: options.subscription,
            title: options.title,
            replace: options.replace,
            contracts: options.bodies.toUpperCase(),
            dryRun: options.dryRun,
            mapping: { default: options.integration, operations: options.map },
          },
        },
      );
      const lines = report(importOpenApi);
      if (lines.length > 0) print(lines);
      const refused = importOpenApi.userErrors.map((error) => `refused: ${refusal(error, optionNames)}`);
      if (refused.length > 0) printError([...refused, "Nothing was changed."]);
      done(importOpenApi.userErrors.length === 0 ? 0 : 1);
    });
}

function report(payload: Payload): readonly string[] {
  const lines = payload.routes.map(
    (route) => `${route.fate.toLowerCase().padEnd(10)} ${route.method} ${route.path}`,
  );
  for (const { id, name } of payload.integrations)
    lines.push(`bodies     integration ${id} ${JSON.stringify(name)}`);
  for (const note of payload.notes)
    lines.push(
      `${note.severity.toLowerCase()}: ${note.pointer === "" ? "(document)" : note.pointer}: ${note.message}`,
    );
  if (payload.userErrors.length > 0) return lines;
  if (payload.dryRun) lines.push("Nothing was changed (dry run).");
  else lines.push(`API ${payload.api?.id ?? ""}`);
  if (payload.secret !== null) lines.push(`Its key, shown this once: ${payload.secret}`);
  return lines;
}
