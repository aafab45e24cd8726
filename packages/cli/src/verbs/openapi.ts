/** `latchkey openapi`: an API's document, or what a product needs to import it. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import { type Done, UsageError } from "../exit-code.js";
import { printError, STANDARD_STREAM, write } from "../output.js";
import { groupLines } from "./note-lines.js";

interface Options extends ControlPlaneOptions {
  readonly spec: "3.0" | "3.1";
  readonly format: "json" | "yaml";
  readonly target?: "azure-apim" | "postman";
  readonly key?: string;
  readonly out?: string;
  readonly policyOut?: string;
  readonly notes: boolean;
}

export function addOpenApiVerb(program: Command, done: Done): void {
  withControlPlane(program.command("openapi").description("write an API's OpenAPI document"))
    .argument("<api>", "the API, by id or title")
    .addOption(new Option("--spec <version>", "version of OpenAPI").choices(["3.0", "3.1"]).default("3.0"))
    .addOption(new Option("--format <format>", "how it is written").choices(["json", "yaml"]).default("json"))
    .addOption(
      new Option("--target <product>", "for a product that imports it").choices(["azure-apim", "postman"]),
    )
    .option("--key <key>", "only what the scopes of this key admit; by id or name")
    .option("--out <file>", "write to this file instead of standard output (-)")
    .option(
      "--policy-out <file>",
      "azure-apim: write the policy that carries the key to this file; - is standard output",
    )
    .option("--notes", "print every warning, not the first three of each kind", false)
    .action(async (api: string, options: Options) => {
      const { policyOut, target } = options;
      if (policyOut !== undefined && target !== "azure-apim")
        throw new UsageError("--policy-out needs --target azure-apim.");
      if (policyOut === STANDARD_STREAM && (options.out ?? STANDARD_STREAM) === STANDARD_STREAM)
        throw new UsageError(
          "document and policy cannot both go to standard output: name a file with --out.",
        );
      if (policyOut !== undefined && options.out !== undefined && resolve(policyOut) === resolve(options.out))
        throw new UsageError(
          "document and policy cannot go to one file: name another one with --policy-out.",
        );
      if (target !== undefined && options.spec === "3.1")
        throw new UsageError(`--target ${target} has no version 3.1: leave out --spec.`);
      if (target === "postman" && options.format === "yaml")
        throw new UsageError("--target postman is always JSON: leave out --format.");
      const client = clientOf(options);
      const [{ azureApimPolicy, azureRefuses, emit, groupNotes, lint, toPostman }, { readApiModel }] =
        await Promise.all([import("@latchkey/openapi"), import("../api-model.js")]);
      const model = await readApiModel(client, api, options.key);
      if (target === "postman") {
        write(JSON.stringify(await toPostman(model), null, 2), options.out);
        return done(0);
      }
      const azure = target === "azure-apim";
      const { document, warnings } = lint(
        model,
        azure ? { version: "3.0", target: "azure-apim" } : { version: options.spec },
      );
      const groups = groupNotes(
        warnings.map((warning) => ({ ...warning, severity: "warning" })),
        options.notes ? Number.POSITIVE_INFINITY : undefined,
      );
      if (groups.length > 0) printError(groups.flatMap(groupLines));
      write(emit(document, options.format), options.out);
      if (policyOut !== undefined) write(azureApimPolicy(model), policyOut);
      else if (azure)
        printError("The document does not carry the key: --policy-out <file> writes the policy that does.");
      if (!azure || !warnings.some(azureRefuses)) return done(0);
      printError("Azure API Management refuses this document.");
      done(1);
    });
}
