/**
 * A recorded body as text. It is read first, which finds its secrets, and masked once those of all parts are known: a secret may
 * have another name, or none, in the other part. A body that cannot be masked is left out.
 */
import { MASKED, type MaskPath, maskJson } from "@latchkey/core";
import { addLeaves, hasSecretMember, maskNames } from "./recorded-json.js";
import { maskedForm, type RequestSecrets } from "./recorded-text.js";

/** Null: it is no text, or what is secret in it cannot be known. */
export type ReadBody =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "form" | "text"; readonly text: string }
  | null;

const JSON_TYPE = /[/+]json$/;
const FORM_TYPE = "application/x-www-form-urlencoded";
const TEXT_TYPE = /^text\/|[/+]xml$|^application\/(?:graphql|javascript)$/;
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;

/**
 * Adds what is secret in it to `secrets`.
 * @param headers flat
 * @param mask paths of JSON: what they name may be anywhere in a body that is not JSON
 */
export function readBody(
  bytes: Buffer,
  headers: readonly string[],
  isTruncated: boolean,
  { mask, secrets }: { readonly mask: readonly MaskPath[]; readonly secrets: RequestSecrets },
): ReadBody {
  if (headerOf(headers, "content-encoding").replace(/^identity$/i, "") !== "") return null;
  const contentType = headerOf(headers, "content-type");
  const [media = ""] = contentType.split(";", 1);
  const type = media.trim().toLowerCase();
  if (JSON_TYPE.test(type)) {
    const text = isTruncated ? null : decoded(bytes, "utf-8", false);
    return text === null ? null : readJson(text, mask, secrets);
  }
  const isForm = type === FORM_TYPE;
  if (mask.length > 0 || (!isForm && !TEXT_TYPE.test(type))) return null;
  const text = decoded(bytes, CHARSET.exec(contentType)?.[1] ?? "utf-8", isTruncated);
  if (text === null) return null;
  // Whatever the type says. JSON that is cut off, damaged or among other text cannot be masked.
  if (hasSecretMember(text)) return isTruncated ? null : readJson(text, mask, secrets);
  if (isForm) secrets.addParameters(text);
  return { kind: isForm ? "form" : "text", text };
}

/** @returns null: the request has too many secrets to look for */
export function maskedBody(body: NonNullable<ReadBody>, secrets: RequestSecrets): string | null {
  if (secrets.areTooMany) return null;
  switch (body.kind) {
    case "json":
      return maskedJson(body.value, secrets);
    case "form":
      return maskedForm(body.text, secrets);
    case "text":
      return secrets.hide(body.text);
  }
}

function maskedJson(value: unknown, secrets: RequestSecrets): string {
  // Strings as they were before they were escaped, then names.
  return secrets.hide(JSON.stringify(value, (_, member: unknown) => maskedLeaf(member, secrets)));
}

function maskedLeaf(member: unknown, secrets: RequestSecrets): unknown {
  if (typeof member === "string") return secrets.hide(member);
  // As a whole: a part of a number that is masked would leave no JSON.
  if (typeof member !== "number") return member;
  const text = String(member);
  return secrets.hide(text) === text ? member : MASKED;
}

/** Null: not JSON, or nested too deeply. */
function readJson(text: string, mask: readonly MaskPath[], secrets: RequestSecrets): ReadBody {
  try {
    const value: unknown = JSON.parse(text);
    maskNames(value, secrets);
    maskJson(value, mask, (member) => addLeaves(member, secrets));
    return { kind: "json", value };
  } catch {
    return null;
  }
}

/** Null: it is not text of this charset. A character that is cut off at the end is left out. */
function decoded(bytes: Buffer, charset: string, isTruncated: boolean): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes, { stream: isTruncated });
  } catch {
    return null;
  }
}

function headerOf(headers: readonly string[], name: string): string {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i]?.toLowerCase() === name) return (headers[i + 1] ?? "").trim();
  return "";
}
