/** Reads the command line and hands over to one verb. No logic of its own. */
import { release } from "@latchkey/observe/release";
import { Command, CommanderError } from "commander";
import { withExamples } from "./examples.js";
import { EXIT, UsageError } from "./exit-code.js";
import { pointToHelp, refuseEmptyValues } from "./options.js";
import { printError } from "./output.js";
import { addResourceVerbs } from "./resources/verbs.js";
import { VERB_EXAMPLES } from "./verb-examples.js";
import { addClientVerb } from "./verbs/client.js";
import { addCompletionVerb } from "./verbs/completion.js";
import { addTestVerb } from "./verbs/connection-test.js";
import { addControlPlaneVerb } from "./verbs/control-plane.js";
import { addDatabaseVerbs } from "./verbs/database.js";
import { addDevVerb } from "./verbs/dev.js";
import { addDoctorVerb } from "./verbs/doctor.js";
import { addHelpVerb } from "./verbs/help.js";
import { addImportVerb } from "./verbs/import.js";
import { addIngressVerb } from "./verbs/ingress.js";
import { addKeysVerb } from "./verbs/keys.js";
import { addLoginVerbs } from "./verbs/login.js";
import { addMessageVerbs } from "./verbs/messages.js";
import { addMockVerb } from "./verbs/mock.js";
import { addNodesVerb } from "./verbs/nodes.js";
import { addOpenVerb } from "./verbs/open.js";
import { addOpenApiVerb } from "./verbs/openapi.js";
import { addRecordingVerb } from "./verbs/recording.js";
import { addSampleUpstreamVerb } from "./verbs/sample-upstream.js";
import { addStatusVerb } from "./verbs/status.js";
import { addTailVerb } from "./verbs/tail.js";
import { addUsageVerb } from "./verbs/usage.js";

const EXIT_CODES_HELP = `
Examples:
  latchkey dev
  latchkey login http://127.0.0.1:4000 < token.txt
  latchkey create api Orders --subscription Sample --route 'PUT /orders/{id}=Orders'

Exit codes: 0 success, 1 failure or refusal, 2 wrong usage.`;

/** Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.success;
  const program = new Command("latchkey")
    .description("Custom APIs gateway: personal, stable endpoints in front of integrations")
    .version(release, "-V, --version", "print the release")
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
  addLoginVerbs(program);
  addStatusVerb(program);
  addResourceVerbs(program);
  addMessageVerbs(program);
  addKeysVerb(program);
  addRecordingVerb(program);
  addNodesVerb(program);
  addTailVerb(program);
  addUsageVerb(program);
  addOpenVerb(program);
  addTestVerb(program);
  addDoctorVerb(program);
  addCompletionVerb(program);
  addHelpVerb(program);
  for (const command of program.commands) withExamples(command, VERB_EXAMPLES[command.name()] ?? []);
  refuseEmptyValues(program);
  pointToHelp(program, "latchkey");
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.usage;
    printError(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? EXIT.usage : EXIT.failure;
  }
  return exitCode;
}
