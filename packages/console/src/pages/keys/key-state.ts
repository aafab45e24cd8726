/** What a key's state is called, and how it looks. */
import type { Tone } from "../../ui/tag.js";

export interface KeyFacts {
  readonly active: boolean;
  readonly expiresAt: string | null;
}

export function keyState(key: KeyFacts, nowMs: number): { readonly label: string; readonly tone: Tone } {
  if (!key.active) return { label: "Disabled", tone: "bad" };
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= nowMs) return { label: "Expired", tone: "warn" };
  return { label: "Active", tone: "ok" };
}
