/**
 * Where the random cases of a run begin: LATCHKEY_TEST_SEED, else the same at each `npm test` and another one at each longer
 * run. Figures and failures name it.
 */
import { mode } from "./mode.js";

const wanted = process.env.LATCHKEY_TEST_SEED ?? (mode === "quick" ? "20261124" : "random");

export const seed = wanted === "random" ? Date.now() % 2 ** 31 : Number(wanted);
if (!Number.isInteger(seed))
  throw new Error(`LATCHKEY_TEST_SEED is ${wanted}: an integer or "random" is expected`);
