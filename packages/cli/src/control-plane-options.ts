/** How a command reaches a control plane: options, then LATCHKEY_URL and LATCHKEY_TOKEN, then a context of `latchkey login`. */
import { isLoopbackHost } from "@latchkey/core/loopback";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Context, loadContexts } from "./contexts.js";
import { UsageError } from "./exit-code.js";
import { GraphqlClient } from "./graphql-client.js";

export interface PlaintextOption {
  readonly allowPlaintext?: boolean;
}

export interface ControlPlaneOptions extends PlaintextOption {
  readonly url?: string;
  readonly token?: string;
  readonly context?: string;
}

const GRAPHQL_PATH = "/graphql";
const DEFAULT_URL = `http://127.0.0.1:4000${GRAPHQL_PATH}`;

/** Adds `--url`, `--token`, `--context` and `--allow-plaintext`. */
export function withControlPlane(command: Command): Command {
  const options = command
    .addOption(
      new Option(
        "--url <url>",
        `URL of the control plane, with or without /graphql (default: the context's, or ${DEFAULT_URL})`,
      )
        .env("LATCHKEY_URL")
        .argParser(graphqlUrl),
    )
    .addOption(
      new Option("--token <token>", "admin token (better: LATCHKEY_TOKEN, which no process list shows)").env(
        "LATCHKEY_TOKEN",
      ),
    )
    .addOption(new Option("--context <name>", "a control plane of `latchkey login`").env("LATCHKEY_CONTEXT"));
  return withPlaintext(options);
}

export function withPlaintext(command: Command): Command {
  return command.option(
    "--allow-plaintext",
    "send the token without TLS to another machine: on a private network only (or LATCHKEY_ALLOW_PLAINTEXT=true)",
  );
}

export function clientOf(options: ControlPlaneOptions): GraphqlClient {
  const { token, url } = addressOf(options);
  return new GraphqlClient(url, token);
}

/**
 * URL and token. A token of a context is sent to no other URL than the context's, which `latchkey login` has checked.
 * @throws UsageError when there is no token, it would travel in plain text, or the context named does not exist
 */
export function addressOf(options: ControlPlaneOptions): Context {
  const context = contextOf(options);
  const url = options.url ?? context?.url ?? DEFAULT_URL;
  const token = options.token || (context?.url === url ? context.token : undefined);
  if (token === undefined)
    throw new UsageError(
      `an admin token is needed for ${url}: run \`latchkey login\`, set LATCHKEY_TOKEN (npm start prints it), or give --token.`,
    );
  checkToken(token);
  if (options.token) checkTransport(url, options);
  return { url, token };
}

export function urlOf(options: ControlPlaneOptions): string {
  return options.url ?? contextOf(options)?.url ?? DEFAULT_URL;
}

/** @throws UsageError when the token would leave this machine without TLS, and nobody allowed that */
export function checkTransport(url: string, { allowPlaintext = false }: PlaintextOption): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === "https:" || isLoopbackHost(hostname)) return;
  if (allowPlaintext || process.env.LATCHKEY_ALLOW_PLAINTEXT === "true") return;
  throw new UsageError(
    `${url} is on another machine, and the admin token would travel in plain text: use https, or on a private network give --allow-plaintext (or set LATCHKEY_ALLOW_PLAINTEXT=true).`,
  );
}

export function checkToken(token: string): void {
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError("the admin token has a blank or a character that no HTTP header can carry.");
}

function contextOf({ context: name, token, url }: ControlPlaneOptions): Context | null {
  if (!name && token && url) return null; // nothing is asked of the file
  const { contexts, current } = loadContexts();
  const wanted = name || current;
  if (!wanted) return null;
  const context = Object.hasOwn(contexts, wanted) ? contexts[wanted] : undefined;
  if (context !== undefined) return context;
  if (!name) return null;
  const known = Object.keys(contexts);
  throw new UsageError(
    `--context: there is no context ${name}; ${known.length === 0 ? "`latchkey login` creates one." : `there are ${known.join(", ")}.`}`,
  );
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
