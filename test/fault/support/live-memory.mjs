// Preloaded into a process (`node --import`): SIGUSR2 makes it collect its garbage and write what is left, in MiB. Resident memory
// goes up and down by some 50 MiB with V8's young generation, whatever is kept.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
process.on("SIGUSR2", () => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write(`live memory: ${(heapUsed + external) / 2 ** 20} MiB\n`);
});
