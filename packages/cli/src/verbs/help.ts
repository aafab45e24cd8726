/** `latchkey help`: the help of a command. Commander's own prints the whole help for a word that is no command, without naming it. */
import type { Command } from "commander";

export function addHelpVerb(program: Command): void {
  program
    .helpCommand(false)
    .command("help")
    .description("display help for a command")
    .argument("[command...]", "such as list apis")
    .action((words: readonly string[]) => {
      let command: Command = program;
      for (const word of words) {
        const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
        if (next === undefined) command.error(`error: unknown command '${word}'`);
        command = next;
      }
      command.help();
    });
}
