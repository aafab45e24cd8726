/**
 * Bounds what one validation may cost. A schema can make a small body cost exponential time (references that
 * branch) or the product of both sizes (an item schema with a long enum), so every place where a subschema
 * is applied anew, per item, per property or by reference, first pays for that subschema's size.
 */

import {
  isObject,
  repeatedKeywords,
  repeatedMapKeywords,
  schemaKeywords,
  schemaListKeywords,
  schemaMapKeywords,
  setMember,
  targetOf,
} from "./schema-keywords.js";

type Schema = unknown;

/** Name of the keyword that pays; no schema of a user can hold it (see `metered`). */
export const COST_KEYWORD = "latchkey:cost";

/** What one check may cost. */
export interface WorkBudget {
  /** Units of work; one is about one comparison, or 25 ns. */
  readonly units: number;
  /** CPU time of the thread where the runtime tells it, else time; in case a unit is dearer than it should be. */
  readonly ms: number;
}

/** In a thread of its own: about a second. */
export const WHOLE_BUDGET: WorkBudget = { units: 40_000_000, ms: 2_000 };
/** Between the requests of others: about 2.5 ms. */
export const INLINE_BUDGET: WorkBudget = { units: 100_000, ms: 20 };

/** Values that one schema text may hold. */
export const SCHEMA_NODES_MAX = 10_000;
const SCHEMA_DEPTH_MAX = 100;

export class TooMuchWork extends Error {
  override readonly name = "TooMuchWork";
}

/** Payments between two looks at the clock. */
const PAYMENTS_PER_LOOK = 64;

/** The budget of the check that runs now. Checks are synchronous, so there is only ever one. */
export class WorkMeter {
  #budget = INLINE_BUDGET;
  #left = 0;
  /** -1: not looked at yet. */
  #startedMs = -1;
  #payments = 0;

  start(budget: WorkBudget): void {
    this.#budget = budget;
    this.#left = budget.units;
    this.#startedMs = -1;
    this.#payments = 0;
  }

  /** Runs something under a budget of its own, and goes on with the one before. */
  apart<T>(budget: WorkBudget, run: () => T): T {
    const before = this.#budget;
    const left = this.#left;
    this.start(budget);
    try {
      return run();
    } finally {
      this.start(before);
      this.#left = left;
    }
  }

  pay(units: number): void {
    this.#left -= units;
    if (this.#left < 0) throw new TooMuchWork();
    if (++this.#payments % PAYMENTS_PER_LOOK === 0) this.#look();
  }

  #look(): void {
    // A small check never gets here, so it never asks for the time.
    if (this.#startedMs < 0) this.#startedMs = threadMs();
    else if (threadMs() - this.#startedMs > this.#budget.ms) throw new TooMuchWork();
  }
}

/** Not in every release that this runs on. */
const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };

/** The CPU time of this thread; that of the process counts the others' too. */
function threadMs(): number {
  return threadCpuUsage === undefined ? performance.now() : threadCpuUsage.call(process).user / 1000;
}

const references: ReadonlySet<string> = new Set(["$ref", "$dynamicRef"]);

/**
 * Not for a user's schema to say: its own price, an asynchronous validator, and names that ajv would keep
 * for the whole process, where another user's schema could meet them.
 */
const dropped: ReadonlySet<string> = new Set([COST_KEYWORD, "$async", "$id", "id", "$schema"]);

/** A reference is a call, whatever it leads to. */
const REFERENCE_UNITS = 50;

/** What a reference costs: the size of what it leads to. */
type PriceOf = (ref: unknown) => number;

/** A copy of the schema that pays as it goes. Throws RangeError when the schema is too large or too deep. */
export function metered(schema: Schema): Schema {
  const whole = schemaSize(schema);
  const prices = new Map<unknown, number>();
  return meter(schema, (ref) => {
    let price = prices.get(ref);
    if (price === undefined) {
      const target = ref === "#" ? undefined : targetOf(schema, ref);
      price = target === undefined ? whole : sizeOf(target, 0, { left: SCHEMA_NODES_MAX });
      prices.set(ref, price);
    }
    return price;
  });
}

function meter(schema: Schema, priceOf: PriceOf): Schema {
  if (!isObject(schema)) return schema;
  const out: { [key: string]: unknown } = {};
  const refs: { [key: string]: unknown } = {};
  for (const [key, value] of Object.entries(schema)) {
    if (dropped.has(key)) continue;
    if (references.has(key)) refs[key] = value;
    else setMember(out, key, meterKeyword(key, value, priceOf));
  }
  if (Object.keys(refs).length === 0) return out;
  // In this order: the price is paid before the reference is followed.
  const price = REFERENCE_UNITS + Math.max(...Object.values(refs).map(priceOf));
  const allOf = Array.isArray(out.allOf) ? out.allOf : [];
  return { ...out, allOf: [{ [COST_KEYWORD]: price }, refs, ...allOf] };
}

function meterKeyword(key: string, value: unknown, priceOf: PriceOf): unknown {
  if (repeatedKeywords.has(key) && !Array.isArray(value)) return paid(value, priceOf);
  if (schemaKeywords.has(key)) return meter(value, priceOf);
  if (schemaListKeywords.has(key) && Array.isArray(value)) return value.map((item) => meter(item, priceOf));
  // Shared schemas, as a schema view holds them.
  if (key === "components" && isObject(value))
    return { schemas: meterKeyword("$defs", value.schemas, priceOf) };
  if (!(schemaMapKeywords.has(key) || repeatedMapKeywords.has(key)) || !isObject(value)) return value;
  const map: { [key: string]: unknown } = {};
  for (const [name, item] of Object.entries(value))
    setMember(map, name, repeatedMapKeywords.has(key) ? paid(item, priceOf) : meter(item, priceOf));
  return map;
}

function paid(schema: unknown, priceOf: PriceOf): unknown {
  // `false` and `true` cost nothing worth counting, and tools read them faster.
  if (!isObject(schema)) return schema;
  return {
    allOf: [{ [COST_KEYWORD]: sizeOf(schema, 0, { left: SCHEMA_NODES_MAX }) }, meter(schema, priceOf)],
  };
}

/** Values in a schema, each entry of an enum included. Throws RangeError when it is too large or too deep. */
export function schemaSize(schema: Schema): number {
  return sizeOf(schema, 0, { left: SCHEMA_NODES_MAX });
}

function sizeOf(value: unknown, depth: number, counter: { left: number }): number {
  if (depth > SCHEMA_DEPTH_MAX)
    throw new RangeError(`the schema is nested deeper than ${SCHEMA_DEPTH_MAX} levels`);
  if (--counter.left < 0) throw new RangeError(`the schema holds more than ${SCHEMA_NODES_MAX} values`);
  if (typeof value !== "object" || value === null) return 1;
  let size = 1;
  for (const item of Object.values(value)) size += sizeOf(item, depth + 1, counter);
  return size;
}
