/** `latchkey backup` and `latchkey restore`: the control plane's SQLite database. */
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { Done } from "../exit-code.js";
import { dataDirOption } from "../options.js";
import { print, STANDARD_STREAM } from "../output.js";

interface Options {
  readonly dataDir: string;
}

const DATABASE = "latchkey.db";

export function addDatabaseVerbs(program: Command, done: Done): void {
  program
    .command("backup")
    .description("copy the database to a file while the control plane runs")
    .argument("<file>", "the backup; must not exist", databaseFile)
    .addOption(dataDirOption())
    .action(async (file: string, options: Options) => {
      const { backupDatabase } = await loadPrivately();
      const { revision } = await backupDatabase(join(options.dataDir, DATABASE), file);
      print(`Backed up at revision ${revision.epoch}/${revision.number} to ${file}.`);
      done(0);
    });
  program
    .command("restore")
    .description("replace the database with a backup; the control plane must be stopped")
    .argument("<file>", "the backup", databaseFile)
    .addOption(dataDirOption())
    .action(async (file: string, options: Options) => {
      const { restoreDatabase } = await loadPrivately();
      const result = await restoreDatabase(file, join(options.dataDir, DATABASE));
      print(
        `Restored revision ${result.restoredFrom.number} as the start of epoch ${result.revision.epoch}; nodes resync in full.\n` +
          (result.putAside === null ? "" : `The database that was there is kept as ${result.putAside}.\n`),
      );
      done(0);
    });
}

/** SQLite reads and writes files only. */
function databaseFile(text: string): string {
  if (text === STANDARD_STREAM)
    throw new InvalidArgumentError("expected a file: a database is not a stream.");
  return text;
}

/** The control plane's functions, in a process whose new files are private. Loaded only by the verbs that need it. */
async function loadPrivately() {
  const [{ makeFilesPrivate }, controlPlane] = await Promise.all([
    import("@latchkey/observe"),
    import("@latchkey/control-plane"),
  ]);
  makeFilesPrivate();
  return controlPlane;
}
