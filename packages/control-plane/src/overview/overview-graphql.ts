/** The overview as GraphQL shows it. */
import { GraphQLDateTime, GraphQLSafeInt } from "graphql-scalars";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { make } from "../graphql/relay-node.js";
import type { UsageGroup } from "../traffic/usage-reader.js";
import {
  ATTENTION_MAX,
  type AttentionItem,
  type AttentionKind,
  FAILING_MINUTES,
  FAILING_REQUESTS_MIN,
  UNUSED_DAYS,
} from "./attention.js";

const PER_MINUTE = "Requests by minute, oldest first: 60, of which the last is still being filled.";

const AttentionKindEnum = {
  KEY_EXPIRES: "KEY_EXPIRES",
  KEY_UNUSED: "KEY_UNUSED",
  CERTIFICATE_EXPIRES: "CERTIFICATE_EXPIRES",
  INTEGRATION_FAILING: "INTEGRATION_FAILING",
  INTEGRATION_IMPAIRED: "INTEGRATION_IMPAIRED",
  API_REJECTED: "API_REJECTED",
  INTEGRATION_REJECTED: "INTEGRATION_REJECTED",
  CREDENTIAL_REJECTED: "CREDENTIAL_REJECTED",
  KEY_REJECTED: "KEY_REJECTED",
} as const satisfies Record<AttentionKind, AttentionKind>;
registerEnumType(AttentionKindEnum, {
  name: "AttentionKind",
  description: "Why something needs attention.",
  valuesConfig: {
    KEY_EXPIRES: { description: "An active key expires within 14 days, or expired within the last 7." },
    KEY_UNUSED: {
      description: `An active key older than ${UNUSED_DAYS} days has not been used for as long.`,
    },
    CERTIFICATE_EXPIRES: { description: "A certificate of the control plane expires within 30 days." },
    INTEGRATION_FAILING: {
      description: `Half or more of at least ${FAILING_REQUESTS_MIN} requests to an integration failed with 5xx in the last ${FAILING_MINUTES} minutes.`,
    },
    INTEGRATION_IMPAIRED: {
      description:
        "A node sends no requests to a URL of an integration: its health checks fail, or its circuit is open.",
    },
    API_REJECTED: { description: "A node cannot use an API." },
    INTEGRATION_REJECTED: { description: "A node cannot use an integration." },
    CREDENTIAL_REJECTED: { description: "A node cannot use a credential." },
    KEY_REJECTED: { description: "A node cannot use a key." },
  },
});

@ObjectType("ApiTraffic", { description: "Requests of one API in the last hour." })
export class ApiTrafficType {
  /** For the field resolver. */
  apiId!: string;

  @Field(() => GraphQLSafeInt, { description: "Requests, refused ones included." })
  requests!: number;

  @Field(() => GraphQLSafeInt, { description: "Requests with a 5xx response." })
  serverErrors!: number;

  @Field(() => [GraphQLSafeInt], { description: PER_MINUTE })
  perMinute!: readonly number[];
}

@ObjectType("ErrorTraffic", { description: "Responses with one kind of error in the last hour." })
export class ErrorTrafficType {
  @Field(() => Int, { description: "Status that clients got: 400 or above." })
  status!: number;

  @Field(() => String, {
    nullable: true,
    description: "Code of the gateway's own response; null: the integration responded.",
  })
  errorCode!: string | null;

  @Field(() => GraphQLSafeInt, { description: "Requests that got it." })
  requests!: number;

  @Field(() => [GraphQLSafeInt], { description: PER_MINUTE })
  perMinute!: readonly number[];
}

@ObjectType("AttentionItem", { description: "Something that an operator should look at." })
export class AttentionItemType {
  @Field(() => AttentionKindEnum, { description: "Why." })
  kind!: AttentionKind;

  @Field(() => ID, { nullable: true, description: "Id of the resource; null for certificates." })
  targetId!: string | null;

  @Field(() => ID, { nullable: true, description: "Id of a key's API." })
  apiId!: string | null;

  @Field(() => String, { description: "What people call it." })
  name!: string;

  @Field(() => GraphQLDateTime, {
    nullable: true,
    description:
      "When it expires, since when a URL gets no requests or a node cannot use it, or when an unused key was last used; null: never.",
  })
  at!: Date | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: "Requests to a failing integration." })
  requests!: number | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: "Those of them that failed." })
  failures!: number | null;

  @Field(() => Int, { nullable: true, description: "URLs of an impaired integration that get no requests." })
  urls!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Nodes on which a URL gets no requests, or that cannot use the resource.",
  })
  nodes!: number | null;
}

@ObjectType("Overview", {
  description: "The last hour and what needs attention, in bounded lists, as far as nodes have reported.",
})
export class OverviewType {
  @Field(() => [AttentionItemType], {
    description: `What needs attention: at most ${ATTENTION_MAX} of each kind, those that fail or end soonest first.`,
  })
  attention?: readonly AttentionItemType[];
}

export function toApiTrafficType({ key, total, points }: UsageGroup): ApiTrafficType {
  return make(ApiTrafficType, {
    apiId: key.id,
    requests: total.requests,
    serverErrors: total.serverErrors,
    perMinute: points.map(({ requests }) => requests),
  });
}

export function toErrorTrafficType({ key, total, points }: UsageGroup): ErrorTrafficType {
  return make(ErrorTrafficType, {
    status: key.status ?? 0,
    errorCode: key.errorCode === "" ? null : key.errorCode,
    requests: total.requests,
    perMinute: points.map(({ requests }) => requests),
  });
}

export function toAttentionItemType({ atMs, ...item }: AttentionItem): AttentionItemType {
  return make(AttentionItemType, { ...item, at: atMs === null ? null : new Date(atMs) });
}
