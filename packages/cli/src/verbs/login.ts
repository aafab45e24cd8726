/** `latchkey login`, `logout` and `contexts`: control planes by name, so that commands need neither URL nor token. */
import { text } from "node:stream/consumers";
import { type Command, InvalidArgumentError, Option } from "commander";
import { contextsFile, loadContexts, saveContexts } from "../contexts.js";
import {
  checkToken,
  checkTransport,
  graphqlUrl,
  type PlaintextOption,
  withPlaintext,
} from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { UsageError } from "../exit-code.js";
import { type FormatOptions, printItems, withFormat } from "../format/result.js";
import { GraphqlClient } from "../graphql-client.js";
import { print } from "../output.js";

interface LoginOptions extends PlaintextOption {
  readonly token?: string;
  readonly name?: string;
}

export function addLoginVerbs(program: Command): void {
  withExamples(
    withPlaintext(
      program
        .command("login")
        .description("remember a control plane and its admin token, and use it from now on")
        .argument("<url>", "URL of the control plane", graphqlUrl)
        .addOption(
          new Option("--token <token>", "admin token; without it, it is read from standard input").env(
            "LATCHKEY_TOKEN",
          ),
        )
        .addOption(
          new Option("--name <name>", "name of the context (default: the URL's host)").argParser(contextName),
        ),
    ),
    [
      "latchkey login http://127.0.0.1:4000 < token.txt",
      "latchkey login https://latchkey.example.com --name production",
    ],
  ).action(async (url: string, { token: given, name: wanted, ...options }: LoginOptions) => {
    checkTransport(url, options);
    const token = given || (await readToken());
    checkToken(token);
    const name = wanted ?? new URL(url).host;
    const { server } = await new GraphqlClient(url, token).query<{ server: { version: string } }>(
      "{ server { version } }",
    );
    const { contexts } = loadContexts();
    saveContexts({ current: name, contexts: { ...contexts, [name]: { url, token } } });
    print(`Logged in to ${url} (Latchkey ${server.version}) as context ${name}, in ${contextsFile()}.`);
  });

  withExamples(
    program
      .command("logout")
      .description("forget a control plane and its token")
      .argument("[name]", "name of the context (default: the current one)"),
    ["latchkey logout production"],
  ).action((wanted: string | undefined) => {
    const { contexts, current } = loadContexts();
    const name = wanted ?? current;
    if (name === null || name === undefined || !Object.hasOwn(contexts, name))
      throw new UsageError(name ? `there is no context ${name}.` : "there is no context to forget.");
    const { [name]: _forgotten, ...rest } = contexts;
    saveContexts({ current: current === name ? null : current, contexts: rest });
    print(`Forgot the context ${name}.`);
  });

  const contexts = program
    .command("contexts")
    .description("show or choose control planes of `latchkey login`");
  withExamples(withFormat(contexts.command("list", { isDefault: true }).description("show them")), [
    "latchkey contexts -o json",
  ]).action(async (options: FormatOptions) => {
    const { contexts: known, current } = loadContexts();
    const items = Object.entries(known).map(([name, { url }]) => ({ name, url, current: name === current }));
    await printItems(
      options,
      [
        { title: "CURRENT", value: (item) => (item.current ? "*" : "") },
        { title: "NAME", value: ({ name }) => name },
        { title: "URL", value: ({ url }) => url },
      ],
      items,
    );
  });
  withExamples(
    contexts.command("use").description("use one from now on").argument("<name>", "name of the context"),
    ["latchkey contexts use production"],
  ).action((name: string) => {
    const { contexts: known } = loadContexts();
    if (!Object.hasOwn(known, name)) throw new UsageError(`there is no context ${name}.`);
    saveContexts({ current: name, contexts: known });
    print(`Commands use ${name} from now on.`);
  });
}

function contextName(text: string): string {
  if (!/^[\w.:-]{1,100}$/.test(text)) throw new InvalidArgumentError("expected letters, digits and . : _ -");
  return text;
}

async function readToken(): Promise<string> {
  if (process.stdin.isTTY === true)
    throw new UsageError(
      "an admin token is needed: pipe it in (latchkey login <url> < token.txt), or set LATCHKEY_TOKEN.",
    );
  const token = (await text(process.stdin)).trim();
  if (token === "")
    throw new UsageError(
      "standard input is empty: pipe the admin token in (latchkey login <url> < token.txt), or set LATCHKEY_TOKEN.",
    );
  return token;
}
