/** Options that say which requests of the message trail are meant: those of GraphQL's `MessageFilter`, by its names. */
import { type Command, InvalidArgumentError } from "commander";
import { UsageError } from "../exit-code.js";
import type { GraphqlClient } from "../graphql-client.js";
import { findRouteId } from "../resources/find-route.js";
import { type Input, inputOf, type Options, withFields } from "../resources/inputs.js";
import type { Field } from "../resources/kind.js";
import { timeOrAgo, upper } from "../resources/parsers.js";

const fields: readonly Field[] = [
  { flags: "--interchange-id <id>", description: "only those with this id", input: "interchangeId" },
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
    flags: "--route <route>",
    description: "only those of this route, by id or '<METHOD> <path>'",
    input: "routeId",
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
  {
    flags: "--outcome <outcome>",
    description: "only those that ended so: failed is client-error and server-error",
    input: "outcome",
    choices: ["succeeded", "failed", "client-error", "server-error"],
    parse: (text) => text.toUpperCase().replace("-", "_"),
  },
  { flags: "--error-code <code>", description: "only those with this error code", input: "errorCode" },
];

/** A tail has no end and no beginning. */
const timeFields: readonly Field[] = [
  {
    flags: "--since <time>",
    description: "only those that arrived then or later: 2027-01-31T12:00:00Z, or 15m ago",
    input: "since",
    parse: timeOrAgo,
  },
  {
    flags: "--until <time>",
    description: "only those that arrived before",
    input: "until",
    parse: timeOrAgo,
  },
];

export function withMessageFilter(command: Command): Command {
  return withFields(command, fields);
}

export function withTimes(command: Command): Command {
  return withFields(command, timeFields);
}

/** As GraphQL takes it. */
export async function messageFilterOf(client: GraphqlClient, options: Options): Promise<Input> {
  const { since, until } = options;
  if (since !== undefined && until !== undefined && String(since) >= String(until))
    throw new UsageError("--since is not before --until.");
  const filter = await inputOf(client, [...fields, ...timeFields], options);
  if (filter.routeId !== undefined)
    filter.routeId = await findRouteId(client, String(filter.routeId), filter.apiId as string | undefined);
  return filter;
}

function status(text: string): number {
  if (!/^[1-5]\d\d$/.test(text)) throw new InvalidArgumentError("expected a status such as 404.");
  return Number(text);
}
