/** What tests of parameters share: schemas, and a check that returns the places of what is wrong. */
import { compileValidator, type OperationSchemas, type ParameterSchema, type RequestHead } from "../index.js";

const page = { Page: { type: "integer", minimum: 1 }, Flag: { type: "boolean" } };

/** Accepted, or the places of what is wrong. */
export function checkOf(parameters: readonly ParameterSchema[], schemas: OperationSchemas["schemas"] = page) {
  const compiled = compileValidator({ parameters, schemas });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  const { request } = compiled.value;
  return (head: Partial<RequestHead>): true | string => {
    const verdict = request.checkHead({
      method: "GET",
      contentType: null,
      contentEncoding: null,
      query: "",
      path: [],
      headers: [],
      hasBody: false,
      ...head,
    });
    if (verdict === null) return true;
    if (verdict === "later") return "later";
    const places = verdict.errors.map((error) => `${error.in} ${error.pointer}`);
    return `${verdict.code === "request.malformed" ? "malformed " : ""}${[...new Set(places)].join()}`;
  };
}

export type Given = Omit<ParameterSchema, "in" | "name">;
export const list = { type: "array", items: { type: "integer" } };
export const object = { type: "object", properties: { R: { type: "integer" }, G: { type: "integer" } } };
