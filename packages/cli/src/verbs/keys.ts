/** `latchkey keys`: what is done with the key of a client beside creating, changing and deleting it. */
import type { Command } from "commander";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { type FormatOptions, printItem, withFormat } from "../format/result.js";
import { find } from "../resources/find.js";
import { type Item, optionNames } from "../resources/kind.js";
import { kindNamed } from "../resources/kinds.js";
import { mutate } from "../resources/mutate.js";
import { seconds } from "../resources/parsers.js";
import { printCreated } from "../resources/verbs.js";

type Options = ControlPlaneOptions & FormatOptions;

export function addKeysVerb(program: Command): void {
  const kind = kindNamed("key");
  const keys = program.command("keys").description("rotate, disable and enable API keys");
  const verb = (name: string, description: string, examples: readonly string[]) =>
    withExamples(
      withFormat(
        withControlPlane(keys.command(name).description(description).argument("<key>", "id or name")),
      ),
      examples,
    );

  verb("rotate", "replace a key's secret and print the new one", [
    "latchkey keys rotate 'Partner A' --overlap 24h   # the old secret stays valid for a day",
  ])
    .option("--overlap <time>", "how long the old secret stays valid: 90s, 30m, 24h, 7d", seconds, 0)
    .action(async (text: string, options: Options & { readonly overlap: number }) => {
      const client = clientOf(options);
      const { id } = await find(client, kind, text);
      const rotated = await mutate<Record<string, unknown>>(client, {
        mutation: "regenerateApiKey",
        selection: `key { ${kind.selection} } secret`,
        input: { id, overlapSeconds: options.overlap },
        names: { ...optionNames(kind, []), overlapSeconds: "--overlap" },
      });
      await printCreated(options, kind, rotated);
    });

  for (const [name, active, effect] of [
    ["disable", false, "refuse the requests of a key, until it is enabled again"],
    ["enable", true, "accept the requests of a key again"],
  ] as const)
    verb(name, effect, [`latchkey keys ${name} 'Partner A'`]).action(
      async (text: string, options: Options) => {
        const client = clientOf(options);
        const { id } = await find(client, kind, text);
        const changed = await mutate<{ readonly key: Item }>(client, {
          mutation: "updateApiKey",
          selection: `key { ${kind.selection} }`,
          input: { id, active },
          names: optionNames(kind, []),
        });
        await printItem(options, kind.columns, changed.key);
      },
    );
}
