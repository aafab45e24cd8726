import type { Contender } from "../contender.js";
export const latchkeyContenders: readonly Contender[] = [];
