/** Masks members of JSON with the names of secrets, in JSON within its strings, too. */
import { MASKED } from "@latchkey/core";

/** Gets what is masked. */
export interface FoundSecrets {
  add(secret: string): void;
  /** Whether one more text within a text may be read. */
  readsNested(): boolean;
}

/** Pages cannot set headers of a WebSocket, and many put their token among the names of its protocols. */
const SECRET_NAME =
  /assertion|auth|bearer|cookie|credential|cvv|hmac|jwt|key|passphrase|passw|pwd|secret|session|signature|token|websocket-protocol|^(?:otp|pass|pin|sig)$/i;
/** Name of a member, however often it is within a string. */
const MEMBER = /"([^"\\]{1,200})\\*"\s*:/g;
/** Writing JSON takes time that grows with the square of its depth: 2 000 levels take 1.5 ms. */
const DEPTH_MAX = 500;
/** JSON in a string in JSON in a string. What is nested more often is masked as a whole. */
const NESTED_MAX = 4;

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Whether the text has JSON in it that has a member with the name of a secret. */
export function hasSecretMember(text: string): boolean {
  if (!text.includes('"')) return false;
  for (const [, name = ""] of text.matchAll(MEMBER)) if (isSecretName(name)) return true;
  return false;
}

/**
 * Changes `value`. A reviver of `JSON.parse` would be called for each element, too.
 * @param depth within this JSON @param nested strings around it
 * @returns what stands in its place @throws RangeError beyond `DEPTH_MAX`
 */
export function maskNames(value: unknown, secrets: FoundSecrets, depth = 0, nested = 0): unknown {
  if (typeof value === "string") return maskNested(value, secrets, nested + 1);
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEPTH_MAX) throw new RangeError("nested too deeply");
  if (Array.isArray(value)) {
    for (const [i, element] of value.entries())
      if (typeof element !== "number") value[i] = maskNames(element, secrets, depth + 1, nested);
    return value;
  }
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    if (isSecretName(name)) {
      addLeaves(members[name], secrets);
      members[name] = MASKED;
    } else members[name] = maskNames(members[name], secrets, depth + 1, nested);
  }
  return value;
}

/** JSON in a text, masked; what has a secret and cannot be read is masked as a whole. @param nested strings around what is in it */
export function maskNested(text: string, secrets: FoundSecrets, nested = 1): string {
  if (!hasSecretMember(text)) return text;
  if (nested > NESTED_MAX || !secrets.readsNested()) return MASKED;
  try {
    return JSON.stringify(maskNames(JSON.parse(text), secrets, 0, nested));
  } catch {
    return MASKED;
  }
}

export function addLeaves(member: unknown, secrets: FoundSecrets): void {
  if (typeof member === "string" || typeof member === "number") secrets.add(String(member));
  else if (typeof member === "object" && member !== null)
    for (const inner of Object.values(member)) addLeaves(inner, secrets);
}
