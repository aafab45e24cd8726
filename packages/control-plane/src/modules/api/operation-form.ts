/**
 * The rules of a route's operation and of what the operations of an Api share: form, size, references, and whether
 * requests can be checked against their schemas. Reads nothing but its arguments. Matching operation and path pattern
 * is not its task: a parameter that the pattern does not have is never looked at.
 */
import { Pauses } from "@latchkey/core";
import type { Problems, UserErrors } from "../../errors/user-error.js";
import type { FieldPath, Maybe } from "../../forms/form.js";
import { checkSchemaFault } from "../../forms/schema-fault.js";
import { type ApiComponents, apiLimits } from "./api.js";
import { FormReader, formFault, infoForm, isSchema, type Schema } from "./form-reader.js";
import { hasSharedReference, sharedReferences, withoutSharedReferences } from "./shared-schemas.js";

export interface OperationContext {
  /** Names of the Api's shared schemas. */
  readonly schemaNames: ReadonlySet<string>;
  /**
   * The schemas need no check here: the reader of documents has left out what cannot be checked, or they were checked when
   * they were stored.
   */
  readonly schemasChecked: boolean;
  /** What was checked before, by the form's object. */
  readonly prepared?: { resultOf(operation: object): OperationResult | undefined };
}

/** Of `checkOperation`; the fields of the errors are those within the operation. */
export interface OperationResult {
  readonly text: string | null;
  readonly errors: UserErrors;
}

/** JSON text of the operation, null for none, undefined when it is left out. Of no use when there are problems. */
export function checkOperation(
  problems: Problems,
  field: FieldPath,
  operation: Maybe<object>,
  context: OperationContext,
): string | null | undefined {
  if (operation === undefined || operation === null) return operation;
  const result = context.prepared?.resultOf(operation);
  if (result !== undefined) {
    for (const error of result.errors) problems.add(error.code, [...field, ...error.field], error.message);
    return result.text;
  }
  const text = JSON.stringify(operation);
  if (text === "{}") return null;
  if (text.length > apiLimits.operationCharsMax) {
    problems.add(
      "TOO_LONG",
      field,
      `An operation has at most ${apiLimits.operationCharsMax} characters of JSON; this one has ${text.length}.`,
    );
    return null;
  }
  const schemas: Schema[] = [];
  const fault = new FormReader(schemas).fault(operation);
  if (fault !== null) {
    problems.add("INVALID", [...field, ...fault.path], fault.message);
    return null;
  }
  const areReferencesRight = checkReferences(problems, field, operation, context.schemaNames);
  if (areReferencesRight && !context.schemasChecked)
    for (const { path, schema } of schemas)
      checkSchemaFault(problems, [...field, ...path], withoutSharedReferences(schema));
  return text;
}

export interface ComponentsForm {
  /** Left out: as they were; null: none. */
  readonly schemas?: Maybe<object>;
  readonly tags?: Maybe<readonly object[]>;
  readonly info?: Maybe<object>;
}

/** `before` with the form applied; of no use when there are problems. */
export function checkComponents(
  problems: Problems,
  before: ApiComponents,
  form: ComponentsForm,
  schemasChecked: boolean,
): ApiComponents {
  const steps = componentSteps(problems, before, form, schemasChecked);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** As `checkComponents`, in short turns of the event loop: documents bring tens of thousands of schemas. */
export async function checkComponentsInTurns(
  ...of: Parameters<typeof checkComponents>
): Promise<ApiComponents> {
  const pauses = new Pauses();
  const steps = componentSteps(...of);
  let step = steps.next();
  while (step.done !== true) {
    if (pauses.isDue()) await pauses.pause();
    step = steps.next();
  }
  return step.value;
}

function* componentSteps(
  problems: Problems,
  before: ApiComponents,
  form: ComponentsForm,
  schemasChecked: boolean,
): Generator<void, ApiComponents> {
  return {
    schemas:
      form.schemas === undefined
        ? before.schemas
        : yield* schemaSteps(problems, form.schemas, schemasChecked),
    tags: form.tags === undefined ? before.tags : checkTags(problems, form.tags),
    info: form.info === undefined ? before.info : checkInfo(problems, form.info),
  };
}

const SCHEMA_NAME = /^[a-zA-Z0-9._-]+$/;
const SCHEMA_NAME_CHARS_MAX = 256;

function* schemaSteps(
  problems: Problems,
  schemas: object | null,
  schemasChecked: boolean,
): Generator<void, string | null> {
  const field = ["input", "schemas"];
  const entries = Object.entries(schemas ?? {});
  if (entries.length === 0) return null;
  // The same as of all at once, which takes 0.1 s for 16 MB.
  const members: string[] = [];
  for (const [name, schema] of entries) {
    yield;
    members.push(`${JSON.stringify(name)}:${JSON.stringify(schema)}`);
  }
  const text = `{${members.join(",")}}`;
  if (text.length > apiLimits.schemasCharsMax) {
    problems.add(
      "TOO_LONG",
      field,
      `The schemas of an API have at most ${apiLimits.schemasCharsMax} characters of JSON; these have ${text.length}.`,
    );
    return null;
  }
  const names = new Set(Object.keys(schemas ?? {}));
  for (const [name, schema] of entries) {
    yield;
    checkSchema(problems, [...field, name], schema, { schemaNames: names, schemasChecked });
  }
  return text;
}

/** One of the schemas that an Api's routes share. */
function checkSchema(problems: Problems, field: FieldPath, schema: unknown, context: OperationContext): void {
  const name = field.at(-1) ?? "";
  if (!SCHEMA_NAME.test(name) || name.length > SCHEMA_NAME_CHARS_MAX)
    problems.add(
      "INVALID",
      field,
      `A schema's name is letters, digits, ".", "_" or "-", at most ${SCHEMA_NAME_CHARS_MAX} characters.`,
    );
  else if (!isSchema(schema)) problems.add("INVALID", field, "A schema is an object or a boolean.");
  else {
    const areReferencesRight = checkReferences(problems, field, schema, context.schemaNames);
    if (areReferencesRight && !context.schemasChecked)
      checkSchemaFault(problems, field, withoutSharedReferences(schema));
  }
}

/** Names of shared schemas. `schemas`: JSON text, or null. */
export function namesOf(schemas: string | null): ReadonlySet<string> {
  return new Set(schemas === null ? [] : Object.keys(JSON.parse(schemas) as object));
}

function checkTags(problems: Problems, tags: readonly object[] | null): string | null {
  if (tags === null || tags.length === 0) return null;
  const field = ["input", "tags"];
  const text = JSON.stringify(tags);
  if (text.length > apiLimits.tagsCharsMax) {
    problems.add("TOO_LONG", field, `Tags have at most ${apiLimits.tagsCharsMax} characters of JSON.`);
    return null;
  }
  const names = new Set<string>();
  for (const [i, tag] of tags.entries()) {
    const { name } = tag as { readonly name?: unknown };
    const at = [...field, String(i), "name"];
    if (typeof name !== "string" || name === "") problems.add("INVALID", at, "A tag has a name.");
    else if (names.has(name)) problems.add("INVALID", at, `The tag "${name}" is listed twice.`);
    else names.add(name);
  }
  return text;
}

function checkInfo(problems: Problems, info: object | null): string | null {
  if (info === null) return null;
  const field = ["input", "info"];
  const text = JSON.stringify(info);
  if (text === "{}") return null;
  if (text.length > apiLimits.infoCharsMax) {
    problems.add("TOO_LONG", field, `The info has at most ${apiLimits.infoCharsMax} characters of JSON.`);
    return null;
  }
  const fault = formFault(infoForm, info);
  if (fault !== null) problems.add("INVALID", [...field, ...fault.path], fault.message);
  return text;
}

/** References of stored operations after the shared schemas changed. `text`: JSON of the operation. */
export function checkStoredReferences(
  problems: Problems,
  field: FieldPath,
  text: string | null,
  names: ReadonlySet<string>,
): void {
  if (text !== null && hasSharedReference(text))
    checkReferences(problems, field, JSON.parse(text) as object, names);
}

function checkReferences(
  problems: Problems,
  field: FieldPath,
  value: unknown,
  names: ReadonlySet<string>,
): boolean {
  let areRight = true;
  for (const { path, target, name } of sharedReferences(value)) {
    if (name !== null && names.has(name)) continue;
    areRight = false;
    const at = [...field, ...path];
    if (name === null)
      problems.add(
        "INVALID",
        at,
        `"${target}" leads nowhere: a reference is "#/components/schemas/<name>", or "#/$defs/<name>" within a schema.`,
      );
    else problems.add("INVALID", at, `There is no schema "${name}" among the API's schemas.`);
  }
  return areRight;
}

/** The schemas of an operation that has the form of one. */
export function schemasOf(operation: object): readonly Schema[] {
  const schemas: Schema[] = [];
  new FormReader(schemas).fault(operation);
  return schemas;
}
