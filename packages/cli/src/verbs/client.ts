/** `latchkey client`: a typed client for an API. */
import { toTypeScriptClient } from "@latchkey/openapi";
import { type Command, Option } from "commander";
import { readApiModel } from "../api-model.js";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import type { Done } from "../exit-code.js";
import { write } from "../output.js";

interface Options extends ControlPlaneOptions {
  readonly lang: string;
  readonly out?: string;
}

export function addClientVerb(program: Command, done: Done): void {
  withControlPlane(program.command("client").description("write a typed client for an API"))
    .argument("<apiId>", "id of the API")
    .addOption(new Option("--lang <language>", "language of the client").choices(["ts"]).default("ts"))
    .option("--out <file>", "write to this file instead of standard output (-)")
    .action(async (apiId: string, options: Options) => {
      write(await toTypeScriptClient(await readApiModel(clientOf(options), apiId)), options.out);
      done(0);
    });
}
