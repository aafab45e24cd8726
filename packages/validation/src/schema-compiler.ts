/**
 * JSON Schemas (2020-12) to functions, by ajv. Schemas are written by users: patterns run in linear time,
 * uniqueItems too, every validation has a budget, and no schema sees another one or the network.
 * ajv makes code from a schema; nothing of a schema gets into it but as an escaped literal (docs/adr/0212).
 */
import { err, ok, pointerToken, type Result } from "@latchkey/core";
import { type AnySchemaObject, type ErrorObject, str, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { isDate, isDateTime, isTime } from "./date-formats.js";
import { linearRegex } from "./linear-regex.js";
import { isMultipleOf } from "./multiple-of.js";
import { COST_KEYWORD, metered, TooMuchWork, WHOLE_BUDGET, WorkMeter } from "./work-meter.js";

export interface SchemaIssue {
  /** RFC 6901, into the instance. */
  readonly pointer: string;
  readonly detail: string;
}

/** Issues of an instance, at the expense of the budget that `meter` was started with; none: it is valid. At most ISSUES_MAX. */
export type CompiledSchema = (
  instance: unknown,
  options: { readonly findAll: boolean },
) => readonly SchemaIssue[];

export const ISSUES_MAX = 20;

/** The budget is used up. */
export const TOO_COSTLY: readonly SchemaIssue[] = [
  { pointer: "", detail: "It would take too long to check this." },
];

/** In place of a schema that is too large to be compiled between the requests of others. */
export const notCompiled: CompiledSchema = () => TOO_COSTLY;

const uncheckable: readonly SchemaIssue[] = [
  { pointer: "", detail: "This cannot be checked against its schema." },
];

/** One for the thread: checks are synchronous, and making an ajv costs milliseconds. Started by who checks. */
export const meter = new WorkMeter();
const ajvs = { first: makeAjv(false), all: makeAjv(true) };

/** Refuses, with a sentence for the schema's author, what cannot be compiled or not be bounded. */
export function compileSchema(schema: unknown): Result<CompiledSchema, string> {
  if (
    typeof schema !== "boolean" &&
    (typeof schema !== "object" || schema === null || Array.isArray(schema))
  ) {
    return err("a schema is an object or a boolean");
  }
  let first: ValidateFunction;
  let checked: AnySchemaObject;
  try {
    checked = (
      typeof schema === "boolean" ? (schema ? {} : { not: {} }) : metered(schema)
    ) as AnySchemaObject;
    first = compileWith(ajvs.first, checked);
  } catch (error) {
    if (error instanceof TooMuchWork) return err("the schema takes too long to check");
    // ajv's recursion, over thousands of properties side by side.
    if (error instanceof RangeError) return err("the schema is too large to be compiled");
    return err(error instanceof Error ? error.message : "the schema cannot be compiled");
  }
  let all: ValidateFunction | null = null;
  return ok((instance, { findAll }) => {
    const quick = run(first, instance);
    if (quick.length === 0 || !findAll || quick === TOO_COSTLY) return quick;
    // Compiled only for those that send something wrong.
    all ??= compileWith(ajvs.all, checked);
    const thorough = run(all, instance);
    return thorough.length === 0 || thorough === uncheckable || thorough === TOO_COSTLY ? quick : thorough;
  });
}

function compileWith(ajv: Ajv2020, schema: AnySchemaObject): ValidateFunction {
  try {
    // ajv checks the schema against the schema of schemas, which pays too.
    return meter.apart(WHOLE_BUDGET, () => ajv.compile(schema));
  } finally {
    // ajv remembers every schema for ever otherwise.
    ajv.removeSchema(schema);
  }
}

function run(validate: ValidateFunction, instance: unknown): readonly SchemaIssue[] {
  try {
    if (validate(instance)) return [];
    return issuesOf(validate.errors ?? []);
  } catch (error) {
    // RangeError: a schema that refers to itself forever, or an instance nested too deep for the stack.
    if (error instanceof TooMuchWork || error instanceof RangeError) return TOO_COSTLY;
    // ajv's own mistakes: with all errors wanted it loses track of properties that were evaluated in `oneOf`
    // ("Cannot set properties of undefined"). What cannot be checked does not pass.
    return uncheckable;
  } finally {
    validate.errors = null;
  }
}

function issuesOf(errors: readonly ErrorObject[]): readonly SchemaIssue[] {
  const issues: SchemaIssue[] = [];
  const seen = new Set<string>();
  for (const error of errors) {
    const issue = { pointer: pointerOf(error), detail: `${error.message ?? "is not valid"}.` };
    const key = `${issue.pointer} ${issue.detail}`;
    if (seen.has(key)) continue;
    seen.add(key);
    issues.push(issue);
    if (issues.length === ISSUES_MAX) break;
  }
  return issues;
}

/** Points at what is missing or too much, not at the object that lacks or has it. */
function pointerOf({ instancePath, params }: ErrorObject): string {
  const { missingProperty, additionalProperty, unevaluatedProperty, propertyName } = params as {
    readonly [name: string]: unknown;
  };
  const name = missingProperty ?? additionalProperty ?? unevaluatedProperty ?? propertyName;
  return typeof name === "string" ? `${instancePath}/${pointerToken(name)}` : instancePath;
}

function makeAjv(allErrors: boolean): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    // JSON.parse makes Infinity of 1e400: no number that fits.
    strictNumbers: true,
    allErrors,
    logger: false,
    // Inlined references would not pay, and could make code of any size.
    inlineRefs: false,
    ownProperties: true,
    code: {
      // ajv's optimiser takes longer than all the rest (1,000 properties: 0.9 s with it, 0.4 s without), and the code it
      // makes is no faster (bench/validation.mjs).
      optimize: false,
      regExp: Object.assign((pattern: string) => linearRegex(pattern, (units) => meter.pay(units)), {
        code: "linearRegex",
      }),
    },
  });
  // CommonJS: the function is the module's default.
  addFormats.default(ajv, { mode: "fast" });
  // Those of ajv-formats take days that no month has, or what RFC 3339 does not.
  ajv.addFormat("date", isDate);
  ajv.addFormat("time", isTime);
  ajv.addFormat("date-time", isDateTime);
  // ajv-formats takes any whole number for one of 64 bits. What a double cannot tell from the bound is read as beyond it.
  ajv.addFormat("int64", {
    type: "number",
    validate: (value: number) => Number.isInteger(value) && Math.abs(value) <= 2 ** 63,
  });
  ajv.addKeyword({
    keyword: COST_KEYWORD,
    schemaType: "number",
    errors: false,
    validate: (units: number) => {
      meter.pay(units);
      return true;
    },
  });
  // ajv's divides doubles.
  ajv.removeKeyword("multipleOf");
  ajv.addKeyword({
    keyword: "multipleOf",
    type: "number",
    schemaType: "number",
    error: { message: ({ schemaCode }) => str`must be multiple of ${schemaCode}` },
    validate: (divisor: number, value: number) => {
      meter.pay(DIVISION_UNITS);
      return isMultipleOf(value, divisor);
    },
  });
  ajv.removeKeyword("uniqueItems");
  ajv.addKeyword({
    keyword: "uniqueItems",
    type: "array",
    schemaType: "boolean",
    error: { message: "must NOT have duplicate items" },
    validate: (wanted: boolean, items: readonly unknown[]) => !wanted || areDistinct(items),
  });
  return ajv;
}

/** Units of work for a division of decimals: about what a value costs that is written out. */
const DIVISION_UNITS = 25;

/** Linear in the size of the items, where comparing each with each would be quadratic. */
function areDistinct(items: readonly unknown[]): boolean {
  return new Set(items.map(canonical)).size === items.length;
}

/** Units of work for a value that is written out to be compared. */
const CANONICAL_UNITS = 25;

function canonical(value: unknown): string {
  meter.pay(CANONICAL_UNITS);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`);
  return `{${members.sort().join()}}`;
}
