/** Keys as GraphQL shows them: everything but the secret. Inputs are in api-key-input.ts. */
import type { IpRules } from "@latchkey/core";
import type { KeyMode, RateLimit } from "@latchkey/snapshot";
import { GraphQLDateTime, GraphQLJSONObject } from "graphql-scalars";
import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { connectionType } from "../../graphql/connection.js";
import { LABELS, METADATA, OWNER } from "../../graphql/ownership-graphql.js";
import { make, NodeInterface } from "../../graphql/relay-node.js";
import type { RouteMethod } from "../api/api.js";
import { RouteMethodEnum } from "../api/route-method-graphql.js";
import type { ApiKey } from "./api-key.js";
import { IpRulesType } from "./ip-rules-graphql.js";
import { RateLimitType } from "./rate-limit-graphql.js";

export const ApiKeyModeEnum = { HEADER: "header", WEBHOOK: "webhook" } as const satisfies Record<
  string,
  KeyMode
>;
registerEnumType(ApiKeyModeEnum, {
  name: "ApiKeyMode",
  description: "How a client may present a key.",
  valuesConfig: {
    HEADER: { description: "In the key header only." },
    WEBHOOK: {
      description:
        "Also by query parameter together with the webhook flag, for senders that cannot set headers.",
    },
  },
});

@ObjectType("KeyScope", { description: "A method and the paths that a key may use with it." })
class KeyScopeType {
  @Field(() => RouteMethodEnum, { description: "The method; ANY for all." })
  method!: RouteMethod;

  @Field(() => String, { description: "Path pattern of requests, as routes have it." })
  path!: string;
}

@ObjectType("ApiKey", {
  implements: NodeInterface,
  description: "A secret that selects an API, without the secret.",
})
export class ApiKeyType extends NodeInterface {
  /** For the field resolver. */
  apiId!: string;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => String, { description: "The secret's first characters, to tell keys apart: `lk_4fZ9aQ…`." })
  display!: string;

  @Field(() => Boolean, { description: "A key that is not active is refused with 403." })
  active!: boolean;

  @Field(() => ApiKeyModeEnum, { description: "How a client may present it." })
  mode!: KeyMode;

  @Field(() => GraphQLDateTime, { nullable: true, description: "When it expires; null: never." })
  expiresAt!: Date | null;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "Until when the secret before the last regeneration is still taken; null: there is none.",
  })
  overlapUntil!: Date | null;

  @Field(() => Boolean, { description: "Whether `revealApiKey` can show the secret." })
  recoverable!: boolean;

  @Field(() => RateLimitType, { nullable: true, description: "How fast it may be used; null: no limit." })
  rateLimit!: RateLimit | null;

  @Field(() => RateLimitType, {
    nullable: true,
    description: "How much it may be used in all; null: no limit.",
  })
  quota!: RateLimit | null;

  @Field(() => IpRulesType, {
    description: "From which addresses it may be used, beside what its API allows.",
  })
  ipRules!: IpRules;

  @Field(() => [KeyScopeType], { description: "What it may be used for; empty: every route of its API." })
  scopes!: readonly KeyScopeType[];

  @Field(() => String, { description: OWNER })
  owner!: string;

  @Field(() => [String], { description: LABELS })
  labels!: readonly string[];

  @Field(() => GraphQLJSONObject, { description: METADATA })
  metadata!: object;

  @Field(() => Int, { description: "Grows by one with each change; pass it as `expectedVersion`." })
  version!: number;

  @Field(() => GraphQLDateTime, { description: "When it was made." })
  createdAt!: Date;

  @Field(() => GraphQLDateTime, { description: "When it was last changed or regenerated." })
  updatedAt!: Date;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: "When a node last saw it used, with some delay; null: never.",
  })
  lastUsedAt!: Date | null;
}

export function toApiKeyType(key: ApiKey): ApiKeyType {
  const dateOrNull = (atMs: number | null | undefined) =>
    atMs === null || atMs === undefined ? null : new Date(atMs);
  return make(ApiKeyType, {
    id: key.id,
    apiId: key.apiId,
    name: key.name,
    display: key.display,
    active: key.active,
    mode: key.mode,
    expiresAt: dateOrNull(key.expiresAtMs),
    overlapUntil: dateOrNull(key.previous?.notAfterMs),
    recoverable: key.encryptedSecret !== null,
    rateLimit: key.rateLimit,
    quota: key.quota,
    ipRules: key.ipRules,
    owner: key.owner,
    labels: key.labels,
    metadata: key.metadata,
    scopes: key.scopes.map(({ method, pattern }) => ({ method: method as RouteMethod, path: pattern })),
    version: key.version,
    createdAt: new Date(key.createdAtMs),
    updatedAt: new Date(key.updatedAtMs),
    lastUsedAt: dateOrNull(key.lastUsedAtMs),
  });
}

export const ApiKeyConnection = connectionType(ApiKeyType, "ApiKey", "keys");
