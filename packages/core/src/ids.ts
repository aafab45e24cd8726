/** Prefixed, branded ids: `int_…`. Globally unique, so they serve as GraphQL node ids as they are. */
import { randomUUID } from "node:crypto";

export const idPrefixes = {
  subscription: "sub",
  integration: "int",
  credential: "crd",
  api: "api",
  route: "rte",
  apiKey: "key",
  node: "node",
  audit: "aud",
  session: "ses",
} as const;

export type IdKind = keyof typeof idPrefixes;

export type Id<K extends IdKind> = string & { readonly __kind: K };

export type SubscriptionId = Id<"subscription">;
/** Goes upstream as `ConfigCorrelationId`. */
export type IntegrationId = Id<"integration">;
export type CredentialId = Id<"credential">;
export type ApiId = Id<"api">;
export type RouteId = Id<"route">;
export type ApiKeyId = Id<"apiKey">;
export type SessionId = Id<"session">;

const HEX_SUFFIX = /^[0-9a-f]{24}$/;

/**
 * A new id with 96 random bits: those groups of a random UUID that are random as a whole. Node.js draws the bytes of many UUIDs at
 * once, so that one takes a tenth of what `randomBytes` takes; an import makes 5,000.
 */
export function newId<K extends IdKind>(kind: K): Id<K> {
  const uuid = randomUUID();
  return `${idPrefixes[kind]}_${uuid.slice(0, 8)}${uuid.slice(9, 13)}${uuid.slice(24)}` as Id<K>;
}

/** The kind an id claims by its prefix, or null when it has not the form of one of ours. */
export function idKind(id: string): IdKind | null {
  const cut = id.indexOf("_");
  if (cut < 0 || !HEX_SUFFIX.test(id.slice(cut + 1))) return null;
  const prefix = id.slice(0, cut);
  for (const kind of Object.keys(idPrefixes) as IdKind[]) if (idPrefixes[kind] === prefix) return kind;
  return null;
}

/** True when `id` has the form of an id of `kind`. */
export function isId<K extends IdKind>(kind: K, id: string): id is Id<K> {
  return idKind(id) === kind;
}
