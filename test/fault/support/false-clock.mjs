// Preloaded into a process (`node --import`): its wall clock is off by what FALSE_CLOCK_FILE says, in milliseconds, read at
// the start and at each SIGUSR2. Its monotonic clock stays true. Nothing of the product knows of it.
import { readFileSync } from "node:fs";

const { FALSE_CLOCK_FILE } = process.env;
const RealDate = Date;
let offsetMs = 0;
const read = () => {
  offsetMs = Number(readFileSync(FALSE_CLOCK_FILE, "utf8"));
};
read();
process.on("SIGUSR2", read);

const now = () => RealDate.now() + offsetMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
});
