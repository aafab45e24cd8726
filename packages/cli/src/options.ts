/** Parsers of option values shared by the verbs, and the rule that holds for all of them. */
import { type Command, InvalidArgumentError, Option } from "commander";

/** A TCP port; 0 takes a free one. */
export function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError("expected a port from 0 to 65535.");
  return value;
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("expected a whole number.");
  return Number(text);
}

/** `--data-dir` of verbs that read the folder of a control plane: the variable is the control plane's own, as in the image. */
export function dataDirOption(): Option {
  return new Option("--data-dir <folder>", "data folder of the control plane")
    .env("LATCHKEY_CONTROL_PLANE_DATA_DIR")
    .default("./data")
    .argParser((folder: string) => folder || "./data");
}

/**
 * Refuses an empty value of every option below a command: it comes from a variable that is not set, and nobody who types
 * `--data-dir "$DIR"` means the default. Variables of the environment may be empty, which is as if they were not set.
 */
export function refuseEmptyValues(parent: Command): void {
  for (const command of parent.commands) {
    // A text may be empty: `--summary ""` clears it.
    for (const option of command.options)
      if (option.required && !option.flags.endsWith("<text>"))
        command.on(`option:${option.name()}`, (value: string) => {
          if (value === "")
            command.error(
              `error: option '${option.flags}' has an empty value. Give one, or leave the option out.`,
            );
        });
    refuseEmptyValues(command);
  }
}

/**
 * After wrong usage, each command names its own help.
 * @param path as it is typed: `latchkey usage export`
 */
export function pointToHelp(command: Command, path: string): void {
  const listed = command.commands.length > 0 ? "commands" : "options";
  command.showHelpAfterError(`(${path} --help lists the ${listed})`);
  for (const child of command.commands) pointToHelp(child, `${path} ${child.name()}`);
}
