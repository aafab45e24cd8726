/** A route's parameters in the form: shown as fields, or written as JSON. Pure: no network, no page. */
import type { UserErrorLike } from "../../graphql/user-errors.js";
import { isSameJson } from "./json.js";
import {
  changeParameters,
  declaredCount,
  type Parameters,
  type ParametersChange,
  queryParameters,
} from "./parameters.js";
import { parametersProblems, parseParametersText, toParametersText } from "./parameters-text.js";

export type ParametersForm =
  | { readonly kind: "fields"; readonly parameters: Parameters | null }
  | {
      readonly kind: "text";
      readonly text: string;
      /** As the text last could be read. */
      readonly parameters: Parameters | null;
      /** Of the text as it is; with any it cannot be saved. */
      readonly problems: readonly string[];
    };

export const noParameters: ParametersForm = { kind: "fields", parameters: null };

/** What has not the form of parameters can only be shown as JSON. */
export function toParametersForm(parameters: Parameters | null): ParametersForm {
  if (parametersProblems(parameters).length === 0) return { kind: "fields", parameters };
  return typeParameters(toParametersText(parameters), parameters);
}

export function changeFields(form: ParametersForm, change: ParametersChange): ParametersForm {
  return { kind: "fields", parameters: changeParameters(form.parameters, change) };
}

/** To the JSON that the fields stand for, which is never changed by it. */
export function showText({ parameters }: ParametersForm): ParametersForm {
  return typeParameters(toParametersText(parameters), parameters);
}

/** Stays as it is while the text has problems: fields would show something else than what was typed. */
export function showFields(form: ParametersForm): ParametersForm {
  if (form.kind === "fields" || form.problems.length > 0) return form;
  return { kind: "fields", parameters: form.parameters };
}

/** `before` stays what it was while the text cannot be read. */
export function typeParameters(text: string, before: Parameters | null): ParametersForm {
  const parsed = parseParametersText(text);
  return parsed.kind === "parameters"
    ? { kind: "text", text, parameters: parsed.parameters, problems: [] }
    : { kind: "text", text, parameters: before, problems: parsed.problems };
}

/** Null while it cannot be said. */
export function countDeclared(form: ParametersForm): number | null {
  return hasProblems(form) ? null : declaredCount(form.parameters);
}

export function countedParameters(count: number | null): string {
  if (count === null) return "parameters that cannot be read";
  return count === 1 ? "1 parameter" : `${count} parameters`;
}

/** Whether the same would be stored. */
export function isSameParameters(a: ParametersForm, b: ParametersForm): boolean {
  if (hasProblems(a) || hasProblems(b)) return a.kind === "text" && b.kind === "text" && a.text === b.text;
  return isSameJson(a.parameters, b.parameters);
}

/** What the server would answer less clearly, or could not be asked at all. `field`: that of the parameters. */
export function checkParameters(form: ParametersForm, field: readonly string[]): readonly UserErrorLike[] {
  if (form.kind === "text") return form.problems.map((message) => ({ field, code: "INVALID", message }));
  const names = queryParameters(form.parameters).map(({ name }) => name);
  return names.flatMap((name, index) => {
    const at = [...field, "query", String(index), "name"];
    if (name === "") return [{ field: at, code: "REQUIRED", message: "Say what the parameter is called." }];
    if (names.indexOf(name) < index)
      return [
        { field: at, code: "INVALID", message: `There is a parameter "${String(name)}" above already.` },
      ];
    return [];
  });
}

function hasProblems(form: ParametersForm): boolean {
  return form.kind === "text" && form.problems.length > 0;
}
