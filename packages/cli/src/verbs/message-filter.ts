/** Options that say which requests of the message trail are meant. */
import { type Command, InvalidArgumentError } from "commander";
import type { GraphqlClient } from "../graphql-client.js";
import { inputOf, type Options, withFields } from "../resources/inputs.js";
import type { Field } from "../resources/kind.js";
import { upper } from "../resources/parsers.js";

const fields: readonly Field[] = [
  {
    flags: "--api <api>",
    description: "only those of this API, by id or title",
    input: "apiId",
    refersTo: "api",
  },
  {
    flags: "--key <key>",
    description: "only those with this key, by id or name",
    input: "keyId",
    refersTo: "key",
  },
  {
    flags: "--integration <integration>",
    description: "only those to this integration, by id or name",
    input: "integrationId",
    refersTo: "integration",
  },
  {
    flags: "--node <node>",
    description: "only those of this node, by id or name",
    input: "nodeId",
    refersTo: "node",
  },
  { flags: "--method <method>", description: "only those with this method", input: "method", parse: upper },
  { flags: "--path <text>", description: "only those whose path has this text in it", input: "path" },
  { flags: "--status <status>", description: "only those with this status", input: "status", parse: status },
  { flags: "--code <code>", description: "only those with this error code", input: "errorCode" },
];

export type MessageFilterOptions = Options & { readonly errors?: boolean };

export function withMessageFilter(command: Command): Command {
  return withFields(command, fields).option(
    "--errors",
    "only those with a 4xx or 5xx response, or a broken one",
  );
}

/** As GraphQL takes it. */
export async function messageFilterOf(
  client: GraphqlClient,
  options: MessageFilterOptions,
): Promise<Record<string, unknown>> {
  const filter = await inputOf(client, fields, options);
  return options.errors === true ? { ...filter, outcome: "FAILED" } : filter;
}

function status(text: string): number {
  if (!/^[1-5]\d\d$/.test(text)) throw new InvalidArgumentError("expected a status such as 404.");
  return Number(text);
}
