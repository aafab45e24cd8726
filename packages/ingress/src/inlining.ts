/**
 * How much of what a function calls V8 makes part of it. The way of a request is many small functions, and at V8's own
 * budget some of their calls stay calls: 2 to 5 % of a request's processor time (docs/adr/0409-widen-inlining.md).
 */
import { setFlagsFromString } from "node:v8";

/** Bytes of bytecode that a function may take in; V8's own default is 920. */
const BUDGET = 4500;
export const INLINING_FLAG = "--max-inlined-bytecode-size-cumulative";

/** For the whole process. V8 asks for it at each compilation, so it comes before there are requests. */
export function widenInlining(): void {
  setFlagsFromString(`${INLINING_FLAG}=${BUDGET}`);
}
