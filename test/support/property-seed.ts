/**
 * Property tests try the same cases at each run, so that a change is judged by the change and not by luck.
 * LATCHKEY_TEST_SEED=random looks for new ones, LATCHKEY_TEST_SEED=<integer> goes back to one that was printed.
 */
import fc from "fast-check";

const wanted = process.env.LATCHKEY_TEST_SEED ?? "20261124";
if (wanted !== "random") {
  const seed = Number(wanted);
  if (!Number.isInteger(seed))
    throw new Error(`LATCHKEY_TEST_SEED is ${wanted}: an integer or "random" is expected`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
