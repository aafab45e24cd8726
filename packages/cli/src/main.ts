/** Reads the command line and hands over to one verb. No logic of its own. */
import { release } from "@latchkey/observe/release";
import { Command, CommanderError } from "commander";
import { EXIT, UsageError } from "./exit-code.js";
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

const EXIT_CODES_HELP = `
Exit codes: 0 success, 1 failure or refusal, 2 wrong usage.`;

/** Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.success;
  const program = new Command("latchkey")
    .description("Custom APIs gateway: personal, stable endpoints in front of integrations")
    .version(release, "-V, --version", "print the release")
    .showHelpAfterError("(latchkey --help lists the commands)")
    .addHelpText("after", EXIT_CODES_HELP)
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
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.usage;
    printError(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? EXIT.usage : EXIT.failure;
  }
  return exitCode;
}
