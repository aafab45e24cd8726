/** How a command reaches a control plane: options, or LATCHKEY_URL and LATCHKEY_TOKEN. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "./exit-code.js";
import { GraphqlClient } from "./graphql-client.js";

export interface ControlPlaneOptions {
  readonly url: string;
  readonly token?: string;
}

const GRAPHQL_PATH = "/graphql";
const DEFAULT_URL = `http://127.0.0.1:4000${GRAPHQL_PATH}`;

/** Adds `--url` and `--token`. */
export function withControlPlane(command: Command): Command {
  return command
    .addOption(
      new Option("--url <url>", "URL of the control plane, with or without /graphql")
        .env("LATCHKEY_URL")
        .default(DEFAULT_URL)
        .argParser(graphqlUrl),
    )
    .addOption(
      new Option("--token <token>", "admin token (better: LATCHKEY_TOKEN, which no process list shows)").env(
        "LATCHKEY_TOKEN",
      ),
    );
}

export function clientOf(options: ControlPlaneOptions): GraphqlClient {
  const { token, url } = options;
  if (token === undefined || token === "")
    throw new UsageError(
      "an admin token is needed: set LATCHKEY_TOKEN (npm start prints it) or give --token.",
    );
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError("the admin token has a blank or a character that no HTTP header can carry.");
  return new GraphqlClient(url, token);
}

/** The GraphQL endpoint of a control plane at an origin, at a path of a reverse proxy, or at the endpoint itself. */
export function graphqlUrl(text: string): string {
  if (text === "") return DEFAULT_URL; // an empty LATCHKEY_URL is none
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "")
    throw new InvalidArgumentError(
      "expected a URL such as http://127.0.0.1:4000, without user and password.",
    );
  let path = url.pathname;
  while (path.endsWith("/")) path = path.slice(0, -1);
  return url.origin + (path.endsWith(GRAPHQL_PATH) ? path : path + GRAPHQL_PATH);
}
