/** Bodies in a Postman collection: the one that a request begins with, and the text of a saved response. */

import { essenceOf } from "@latchkey/validation";
import { exampleOfMedia, type SampleSide } from "./example-of-media.js";
import { isObject, type Json, type JsonObject, member } from "./json.js";
import { isJsonType } from "./media-range.js";
import { formBody, isFile } from "./postman-forms.js";
import { preferredType } from "./preferred-type.js";
import { schemaAt } from "./schema-at.js";

export interface Body {
  /** Null: the request has none. */
  readonly body: JsonObject | null;
  /** Null: none, or any. */
  readonly contentType: string | null;
}

export async function requestBody(operation: JsonObject, document: JsonObject): Promise<Body> {
  const { content } = isObject(operation.requestBody) ? operation.requestBody : {};
  const found = isObject(content) ? await sampleOf(content, document, "request") : null;
  if (found === null) return { body: null, contentType: null };
  const { type, media, value, contentType } = found;
  const form = formBody(media, value, type, document);
  // The boundary belongs to the type of a form with files, and Postman writes it.
  if (form !== null) return { body: form, contentType: form.mode === "formdata" ? null : contentType };
  if (isFile(schemaAt(media.schema, document), document))
    return { body: { mode: "file", file: { src: null } }, contentType };
  const language = languageOf(contentType ?? "");
  return { body: { mode: "raw", raw: found.text, options: { raw: { language } } }, contentType };
}

export interface SavedBody {
  readonly contentType: string | null;
  readonly text: string;
  readonly language: string;
}

export async function responseBody(response: JsonObject, document: JsonObject): Promise<SavedBody> {
  const { content } = response;
  const found = isObject(content) ? await sampleOf(content, document, "response") : null;
  if (found === null) return { contentType: null, text: "", language: "text" };
  return { contentType: found.contentType, text: found.text, language: languageOf(found.contentType ?? "") };
}

/** A range is no type to send; of its samples those that are no text are JSON. */
function rangeType(value: Json | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === "string" ? "text/plain" : "application/json";
}

async function sampleOf(content: JsonObject, document: JsonObject, side: SampleSide) {
  const type = preferredType(Object.keys(content), "");
  const media = type === null ? undefined : member(content, type);
  if (type === null || !isObject(media)) return null;
  const value = await exampleOfMedia(media, document, undefined, side);
  return {
    type,
    media,
    value,
    contentType: type.includes("*") ? rangeType(value) : type,
    text: value === undefined ? "" : textOf(value, type, media, document),
  };
}

function textOf(value: Json, type: string, media: JsonObject, document: JsonObject): string {
  if (isJsonType(type)) return jsonText(value, media, document);
  if (typeof value === "string") return value;
  // What is not written as a text already has no form in XML.
  if (languageOf(type) === "xml") return "";
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

/** Of a schema that is no text, people write the JSON text of the example. */
function jsonText(value: Json, { schema }: JsonObject, document: JsonObject): string {
  const isText = schemaAt(schema, document).type === "string";
  return typeof value === "string" && !isText && isJsonText(value) ? value : JSON.stringify(value, null, 2);
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** As Postman names what it highlights. */
function languageOf(type: string): string {
  const essence = essenceOf(type);
  if (isJsonType(essence)) return "json";
  if (essence.endsWith("/xml") || essence.endsWith("+xml")) return "xml";
  return essence === "text/html" ? "html" : "text";
}
