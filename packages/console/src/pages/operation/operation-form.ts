/** A route's operation in the form: shown as fields, or written as JSON. Pure: no network, no page. */
import type { UserErrorLike } from "../../graphql/user-errors.js";
import { isSameJson } from "./json.js";
import { changeOperation, type Operation, type OperationChange, parametersOf } from "./operation.js";
import { operationProblems, parseOperationText, toOperationText } from "./operation-text.js";

export type OperationForm =
  | { readonly kind: "fields"; readonly operation: Operation | null }
  | {
      readonly kind: "text";
      readonly text: string;
      /** As the text last could be read. */
      readonly operation: Operation | null;
      /** Of the text as it is; with any it cannot be saved. */
      readonly problems: readonly string[];
    };

export const noOperation: OperationForm = { kind: "fields", operation: null };

/** What fields cannot show can only be shown as JSON. */
export function toOperationForm(operation: Operation | null): OperationForm {
  if (operationProblems(operation).length === 0) return { kind: "fields", operation };
  return typeOperation(toOperationText(operation), operation);
}

export function changeFields(form: OperationForm, change: OperationChange): OperationForm {
  return { kind: "fields", operation: changeOperation(form.operation, change) };
}

/** To the JSON that the fields stand for, which is never changed by it. */
export function showText({ operation }: OperationForm): OperationForm {
  return typeOperation(toOperationText(operation), operation);
}

/** Stays as it is while the text has problems: fields would show something else than what was typed. */
export function showFields(form: OperationForm): OperationForm {
  if (form.kind === "fields" || form.problems.length > 0) return form;
  return { kind: "fields", operation: form.operation };
}

/** `before` stays what it was while the text cannot be read. */
export function typeOperation(text: string, before: Operation | null): OperationForm {
  const parsed = parseOperationText(text);
  return parsed.kind === "operation"
    ? { kind: "text", text, operation: parsed.operation, problems: [] }
    : { kind: "text", text, operation: before, problems: parsed.problems };
}

/** What the operation says, in two words. */
export function operationLabel(form: OperationForm): string {
  if (hasProblems(form)) return "unreadable";
  if (form.operation === null) return "none";
  const count = parametersOf(form.operation).length;
  if (count === 0) return "described";
  return count === 1 ? "1 parameter" : `${count} parameters`;
}

/** Whether the same would be stored. */
export function isSameOperation(a: OperationForm, b: OperationForm): boolean {
  if (hasProblems(a) || hasProblems(b)) return a.kind === "text" && b.kind === "text" && a.text === b.text;
  return isSameJson(a.operation, b.operation);
}

/** What the server would say less clearly, or could not be asked at all. `field`: that of the operation. */
export function checkOperation(form: OperationForm, field: readonly string[]): readonly UserErrorLike[] {
  if (form.kind === "text") return form.problems.map((message) => ({ field, code: "INVALID", message }));
  const parameters = parametersOf(form.operation);
  return parameters.flatMap(({ name, in: place }, index) => {
    const at = [...field, "parameters", String(index), "name"];
    if (name === "") return [{ field: at, code: "REQUIRED", message: "Enter the parameter's name." }];
    const first = parameters.findIndex((other) => other.name === name && other.in === place);
    if (first < index)
      return [
        { field: at, code: "INVALID", message: `There is a parameter "${String(name)}" above already.` },
      ];
    return [];
  });
}

function hasProblems(form: OperationForm): boolean {
  return form.kind === "text" && form.problems.length > 0;
}
