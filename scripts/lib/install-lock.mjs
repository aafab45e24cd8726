// One installation at a time in a checkout: two of npm in one folder delete each other's files, and both fail. Two processes that
// find the file of one that has ended at the same moment may both go on.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { isRunning } from "./is-running.mjs";
import { StepError } from "./shell.mjs";

/**
 * Takes the lock until this process ends, however its steps end.
 * @param file holds the process id of who has it; one of a process that was killed is taken over
 * @throws StepError that names the other process
 */
export function lockInstallation(file) {
  if (!take(file)) {
    const pid = Number(read(file));
    if (isRunning(pid))
      throw new StepError(`process ${pid} is installing here: wait for it, or stop it first`);
    rmSync(file, { force: true });
    take(file);
  }
  process.once("exit", () => {
    if (read(file) === String(process.pid)) rmSync(file, { force: true });
  });
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw new StepError(`${file} cannot be written: ${error.message}`);
  }
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
