/** Reads the command line and hands over to one verb. No logic of its own. */
import { Command, CommanderError } from "commander";
import { printError } from "./output.js";
import { addClientVerb } from "./verbs/client.js";
import { addControlPlaneVerb } from "./verbs/control-plane.js";
import { addDatabaseVerbs } from "./verbs/database.js";
import { addDevVerb } from "./verbs/dev.js";
import { addImportVerb } from "./verbs/import.js";
import { addIngressVerb } from "./verbs/ingress.js";
import { addMockVerb } from "./verbs/mock.js";
import { addOpenApiVerb } from "./verbs/openapi.js";
import { addSampleUpstreamVerb } from "./verbs/sample-upstream.js";

/** Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command("latchkey")
    .description("Custom APIs gateway: personal, stable endpoints in front of integrations")
    .showHelpAfterError("(latchkey --help lists the commands)")
    .exitOverride();
  const done = (code: number) => {
    exitCode = code;
  };
  addDevVerb(program, done);
  addControlPlaneVerb(program, done);
  addIngressVerb(program, done);
  addSampleUpstreamVerb(program, done);
  addOpenApiVerb(program, done);
  addImportVerb(program, done);
  addClientVerb(program, done);
  addMockVerb(program, done);
  addDatabaseVerbs(program, done);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    printError(error instanceof Error ? error.message : String(error));
    return 1;
  }
  return exitCode;
}

/** How a verb reports its exit code. */
export type Done = (code: number) => void;
