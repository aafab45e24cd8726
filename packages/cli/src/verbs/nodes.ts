/** `latchkey nodes`: registers ingress nodes and renews their tokens. */
import type { Command } from "commander";
import { confirmed } from "../confirm.js";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { type FormatOptions, printItem, withFormat } from "../format/result.js";
import { find } from "../resources/find.js";
import { type Item, optionNames } from "../resources/kind.js";
import { kindNamed } from "../resources/kinds.js";
import { listAll } from "../resources/list-all.js";
import { mutate } from "../resources/mutate.js";
import { printCreated } from "../resources/verbs.js";
import { TokenFile } from "../token-file.js";

type Options = ControlPlaneOptions & FormatOptions;

interface CreateOptions extends ControlPlaneOptions, FormatOptions {
  readonly rotateExisting?: boolean;
  readonly tokenFile?: string;
}

interface Payload {
  readonly [field: string]: unknown;
  readonly node: Item;
  readonly token: string | null;
}

export function addNodesVerb(program: Command): void {
  const kind = kindNamed("node");
  const selection = `node { ${kind.selection} } token`;
  const nodes = program.command("nodes").description("register ingress nodes and renew their tokens");

  withExamples(
    withFormat(withControlPlane(nodes.command("create").description("register a node and print its token"))),
    [
      "latchkey nodes create node-2 --json",
      "latchkey nodes create node-2 --rotate-existing --token-file /run/latchkey/token   # at each start of a container",
    ],
  )
    .argument("<name>", "its name, LATCHKEY_INGRESS_NODE_ID on the node")
    .option("--rotate-existing", "when there is a node of this name, replace its token instead of failing")
    .option(
      "--token-file <file>",
      "write the token to this file, which only its owner can read, and print none",
    )
    .action(async (name: string, options: CreateOptions) => {
      const client = clientOf(options);
      const existing = (await listAll(client, kind, {})).find((node) => node.name === name);
      if (existing !== undefined && options.rotateExisting !== true)
        throw new Error(
          `<name>: there is a node called ${name} already; --rotate-existing replaces its token.`,
        );
      using file = options.tokenFile === undefined ? undefined : new TokenFile(options.tokenFile);
      const payload = await mutate<Payload>(client, {
        mutation: existing === undefined ? "createNode" : "regenerateNodeToken",
        selection,
        input: existing === undefined ? { name } : { id: existing.id },
        names: optionNames(kind, []),
      });
      if (file === undefined) return await printCreated(options, kind, payload);
      file.write(payload.token ?? "");
      await printItem(options, kind.columns, payload.node);
    });

  withExamples(
    withFormat(
      withControlPlane(nodes.command("rotate").description("replace a node's token and print the new one")),
    ),
    ["latchkey nodes rotate node-2 --yes"],
  )
    .argument("<node>", "id or name")
    .option("-y, --yes", "do not ask")
    .action(async (text: string, options: Options & { readonly yes?: boolean }) => {
      const client = clientOf(options);
      const { id, name } = await find(client, kind, text);
      await confirmed(
        `Replace the token of the node "${String(name)}"? Its stream ends.`,
        options.yes === true,
      );
      const rotated = await mutate<Payload>(client, {
        mutation: "regenerateNodeToken",
        selection,
        input: { id },
        names: optionNames(kind, []),
      });
      await printCreated(options, kind, rotated);
    });
}
