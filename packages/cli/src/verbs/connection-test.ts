/** `latchkey test <integration>`: the control plane connects to a target, and each step is printed. */
import type { Command } from "commander";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { type FormatOptions, printDocument, withFormat } from "../format/result.js";
import { print } from "../output.js";
import { findId } from "../resources/find.js";
import { mutate } from "../resources/mutate.js";

interface Step {
  readonly name: string;
  readonly milliseconds: number;
  readonly detail: string;
  /** Null: it went well. */
  readonly problem: string | null;
}

interface ConnectionTest {
  readonly url: string;
  readonly status: number | null;
  readonly steps: readonly Step[];
  readonly notSent: readonly { readonly name: string; readonly reason: string }[];
}

const SELECTION = "test { url status steps { name milliseconds detail problem } notSent { name reason } }";

export function addTestVerb(program: Command): void {
  withExamples(
    withFormat(
      withControlPlane(
        program
          .command("test")
          .description("connect from the control plane to an integration, and show each step")
          .argument("<integration>", "id or name")
          .option("--target <url>", "one of its URLs; the first without it"),
      ),
    ),
    ["latchkey test Orders", "latchkey test Orders --target https://orders-2.example.com/in --json"],
  ).action(
    async (text: string, options: ControlPlaneOptions & FormatOptions & { readonly target?: string }) => {
      const client = clientOf(options);
      const id = await findId(client, "integration", text);
      const { test } = await mutate<{ readonly test: ConnectionTest }>(client, {
        mutation: "testIntegration",
        selection: SELECTION,
        input: { id, ...(options.target !== undefined && { url: options.target }) },
        names: { id: "<integration>", url: "--target" },
      });
      if (!(await printDocument(options, test))) print(linesOf(test));
      const failed = test.steps.find(({ problem }) => problem !== null);
      if (failed !== undefined) throw new Error(`The connection failed at ${failed.name}.`);
    },
  );
}

function linesOf({ url, steps, notSent }: ConnectionTest): string[] {
  return [
    url,
    ...steps.map(
      ({ name, milliseconds, detail, problem }) =>
        `${problem === null ? "✓" : "✗"} ${name}: ${problem ?? detail} (${milliseconds.toFixed(1)} ms)`,
    ),
    ...notSent.map(({ name, reason }) => `! without the credential "${name}": ${reason}`),
  ];
}
