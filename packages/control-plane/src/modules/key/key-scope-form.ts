/** Checks what a user wrote of a key's scopes. */
import { KEY_SCOPES_MAX, type KeyScope, normalizedKey, parseRoutePattern } from "@latchkey/core";
import { CROWD_MESSAGE, findCrowd } from "@latchkey/router";
import type { Problems } from "../../errors/user-error.js";
import type { RouteMethod } from "../api/api.js";

export interface KeyScopeForm {
  readonly method: RouteMethod;
  readonly path: string;
}

/** The scopes as they are stored, each once; what is wrong goes to `problems`. */
export function checkScopes(problems: Problems, forms: readonly KeyScopeForm[]): readonly KeyScope[] {
  const field = ["input", "scopes"];
  if (forms.length > KEY_SCOPES_MAX) {
    problems.add("TOO_MANY", field, `A key has at most ${KEY_SCOPES_MAX} scopes.`);
    return [];
  }
  const scopes = new Map<string, KeyScope>();
  for (const [i, { method, path }] of forms.entries()) {
    const parsed = parseRoutePattern(path.trim());
    if (parsed.ok) {
      const key = `${method} ${normalizedKey(parsed.value)}`;
      if (!scopes.has(key)) scopes.set(key, { method, pattern: parsed.value.text });
    } else problems.add("PATH_MALFORMED", [...field, String(i), "path"], parsed.error.message);
  }
  const kept = [...scopes.values()];
  if (findCrowd(kept.map(({ pattern }) => pattern)) !== null) problems.add("TOO_MANY", field, CROWD_MESSAGE);
  return kept;
}
