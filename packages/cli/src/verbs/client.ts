/** `latchkey client`: a typed client for an API. */
import { type Command, Option } from "commander";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import type { Done } from "../exit-code.js";
import { write } from "../output.js";

interface Options extends ControlPlaneOptions {
  readonly lang: string;
  readonly out?: string;
}

export function addClientVerb(program: Command, done: Done): void {
  withControlPlane(program.command("client").description("write a typed client for an API"))
    .argument("<api>", "the API, by id or title")
    .addOption(new Option("--lang <language>", "language of the client").choices(["ts"]).default("ts"))
    .option("--out <file>", "write to this file instead of standard output (-)")
    .action(async (api: string, options: Options) => {
      const client = clientOf(options);
      const [{ toTypeScriptClient }, { readApiModel }] = await Promise.all([
        import("@latchkey/openapi"),
        import("../api-model.js"),
      ]);
      write(await toTypeScriptClient(await readApiModel(client, api)), options.out);
      done(0);
    });
}
