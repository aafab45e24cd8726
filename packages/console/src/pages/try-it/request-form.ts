/** What was typed into the form of a request, and the request that it makes. Pure: the key is added when it is sent. */
import type { ParameterField, RequestModel } from "./request-model.js";
import { fillPath, hasBody, withQuery } from "./request-parts.js";

export interface NameValue {
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

export interface RequestForm {
  /** By the id of a parameter's field. */
  readonly values: Readonly<Record<string, string>>;
  /** Query parameters and headers that the operation does not declare. */
  readonly query: readonly NameValue[];
  readonly headers: readonly NameValue[];
  readonly contentType: string;
  readonly body: string;
}

/** A request without its key. */
export interface RequestParts {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
}

/** The form of a request without a description. */
export const unknownForm: RequestForm = {
  values: {},
  query: [],
  headers: [],
  contentType: "application/json",
  body: "",
};

/** Required parameters start with their example, the body with the first one that is described. */
export function initialForm({ fields, bodies }: RequestModel): RequestForm {
  const [body] = bodies;
  return {
    ...unknownForm,
    values: Object.fromEntries(
      fields.filter((field) => field.isRequired).map((field) => [field.id, field.example]),
    ),
    contentType: body?.contentType ?? unknownForm.contentType,
    body: body?.examples[0]?.text ?? "",
  };
}

/** Without these there is no path to send to. Other required parameters may be left out, to see what happens. */
export function missingFields({ fields }: RequestModel, { values }: RequestForm): readonly string[] {
  return fields.filter(({ id, place }) => place === "path" && (values[id] ?? "") === "").map(({ id }) => id);
}

export function toRequest(
  method: string,
  path: string,
  model: RequestModel,
  form: RequestForm,
): RequestParts {
  const given = (place: ParameterField["place"]) =>
    model.fields.flatMap((field) => {
      const value = form.values[field.id] ?? "";
      return field.place === place && value !== "" ? [{ field, value }] : [];
    });
  const pathValues = Object.fromEntries(given("path").map(({ field, value }) => [field.name, value]));
  const query = [
    ...given("query").flatMap(({ field, value }) =>
      (field.isList ? value.split(",").map((each) => each.trim()) : [value]).map((each) => [
        field.name,
        each,
      ]),
    ),
    ...named(form.query),
  ].map(([name = "", value = ""]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  const cookies = given("cookie").map(({ field, value }) => `${field.name}=${encodeURIComponent(value)}`);
  const body = hasBody(method) && form.body !== "" ? form.body : null;
  return {
    method,
    path: withQuery(fillPath(path, pathValues), query.join("&")),
    headers: [
      ...(body === null ? [] : ([["Content-Type", form.contentType]] as const)),
      ...given("header").map(({ field, value }) => [field.name, value] as const),
      ...(cookies.length === 0 ? [] : ([["Cookie", cookies.join("; ")]] as const)),
      ...named(form.headers),
    ],
    body,
  };
}

function named(rows: readonly NameValue[]): readonly (readonly [string, string])[] {
  return rows
    .filter(({ name }) => name.trim() !== "")
    .map(({ name, value }) => [name.trim(), value] as const);
}
