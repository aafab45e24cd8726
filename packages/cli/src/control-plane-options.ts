/** How a command reaches a control plane: options, or LATCHKEY_URL and LATCHKEY_TOKEN. */
import type { Command } from "commander";
import { GraphqlClient, GraphqlRequestError } from "./graphql-client.js";

export interface ControlPlaneOptions {
  readonly url: string;
  readonly token?: string;
}

/** Adds `--url` and `--token`. */
export function withControlPlane(command: Command): Command {
  return command
    .option(
      "--url <url>",
      "GraphQL URL of the control plane (or LATCHKEY_URL)",
      process.env.LATCHKEY_URL ?? "http://127.0.0.1:4000/graphql",
    )
    .option("--token <token>", "admin token (better: LATCHKEY_TOKEN, which no process list shows)");
}

export function clientOf(options: ControlPlaneOptions): GraphqlClient {
  const token = options.token ?? process.env.LATCHKEY_TOKEN;
  if (token === undefined || token === "")
    throw new GraphqlRequestError(
      "an admin token is needed: set LATCHKEY_TOKEN (npm start prints it) or give --token.",
    );
  return new GraphqlClient(options.url, token);
}
