/** Usage as GraphQL shows it. */
import { GraphQLDateTime, GraphQLSafeInt } from "graphql-scalars";
import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { make } from "../graphql/relay-node.js";
import { ApiType } from "../modules/api/api-graphql.js";
import { RequestTotalsFields } from "./request-totals-graphql.js";
import {
  QUANTILE_REQUESTS_MIN,
  type UsageGroupKind,
  type UsageGroupOrder,
  type UsagePoint,
  type UsageTotals,
} from "./usage-reader.js";
import type { UsageResolution } from "./usage-span.js";

export const UsageResolutionEnum = {
  MINUTE: "MINUTE",
  TEN_MINUTES: "TEN_MINUTES",
  HOUR: "HOUR",
  DAY: "DAY",
} as const satisfies Record<UsageResolution, UsageResolution>;
registerEnumType(UsageResolutionEnum, {
  name: "UsageResolution",
  description: "How long a point of usage is.",
  valuesConfig: {
    MINUTE: { description: "A minute. Kept for 2 days unless configured otherwise." },
    TEN_MINUTES: { description: "Ten minutes. Kept as long as minutes." },
    HOUR: { description: "An hour. Kept for 60 days unless configured otherwise." },
    DAY: { description: "A day of UTC. Kept for 730 days unless configured otherwise." },
  },
});

export const UsageGroupKindEnum = {
  API: "API",
  ROUTE: "ROUTE",
  KEY: "KEY",
  INTEGRATION: "INTEGRATION",
  NODE: "NODE",
  STATUS_CLASS: "STATUS_CLASS",
  ERROR: "ERROR",
} as const satisfies Record<UsageGroupKind, UsageGroupKind>;
registerEnumType(UsageGroupKindEnum, {
  name: "UsageGroupKind",
  description: "What requests of one group have in common.",
  valuesConfig: {
    API: { description: "The API." },
    ROUTE: { description: "The route." },
    KEY: { description: "The key." },
    INTEGRATION: { description: "The integration; requests that the gateway refused are left out." },
    NODE: { description: "The node." },
    STATUS_CLASS: { description: "The first digit of the status: 2xx, 4xx …" },
    ERROR: { description: "Status and error code; only responses with 4xx and 5xx." },
  },
});

export const UsageGroupOrderEnum = {
  REQUESTS: "REQUESTS",
  SERVER_ERRORS: "SERVER_ERRORS",
  LATENCY: "LATENCY",
  PREVIOUS_SECRET: "PREVIOUS_SECRET",
} as const satisfies Record<UsageGroupOrder, UsageGroupOrder>;
registerEnumType(UsageGroupOrderEnum, {
  name: "UsageGroupOrder",
  description: "Which groups come first; of equal ones, those with more requests.",
  valuesConfig: {
    REQUESTS: { description: "Those with the most requests." },
    SERVER_ERRORS: { description: "Those with the most 5xx responses." },
    LATENCY: {
      description: "Those with the highest `p95Ms`; those with too few requests for one are the last.",
    },
    PREVIOUS_SECRET: {
      description:
        "Those with the most requests with the secret that a key had before its last regeneration.",
    },
  },
});

@InputType("UsageFilter", { description: "Which requests: those that match everything given." })
export class UsageFilterInput {
  @Field(() => ID, { nullable: true, description: "Only those of this API." })
  apiId?: string | null;

  @Field(() => ID, { nullable: true, description: "Only those of this route." })
  routeId?: string | null;

  @Field(() => ID, { nullable: true, description: "Only those with this key." })
  keyId?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: "Only those to this integration; requests that the gateway refused are left out.",
  })
  integrationId?: string | null;

  @Field(() => ID, { nullable: true, description: "Only those of this node." })
  nodeId?: string | null;

  @Field(() => Int, { nullable: true, description: "Only responses of this class: 2 for 2xx. From 1 to 5." })
  statusClass?: number | null;

  @Field(() => String, {
    nullable: true,
    description: "Only the gateway's own responses with this error code.",
  })
  errorCode?: string | null;
}

@ObjectType("UsageTotals", { description: "What nodes counted, over some time. Kept in the database." })
export class UsageTotalsType extends RequestTotalsFields implements UsageTotals {
  @Field(() => GraphQLSafeInt, { description: "Of those, the ones that the gateway refused." })
  refused!: number;

  @Field(() => GraphQLSafeInt, {
    description: "Requests with the secret that a key had before its last regeneration.",
  })
  previousSecret!: number;

  @Field(() => Float, {
    nullable: true,
    description: `Half of the requests took at most so many milliseconds, about; null for fewer than ${QUANTILE_REQUESTS_MIN} requests.`,
  })
  p50Ms!: number | null;
}

@ObjectType("UsagePoint", { description: "What nodes counted in one step of a time." })
export class UsagePointType extends UsageTotalsType {
  @Field(() => GraphQLDateTime, { description: "When it begins." })
  at!: Date;

  @Field(() => Int, { description: "How long it is." })
  seconds!: number;
}

@ObjectType("UsageGap", { description: "A time for which counts of a node are missing." })
export class UsageGapType {
  @Field(() => ID, { description: "The node's id." })
  nodeId!: string;

  @Field(() => String, { nullable: true, description: "The node's name; null when the node was removed." })
  node!: string | null;

  @Field(() => GraphQLDateTime, { description: "When it begins." })
  from!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: "When it ends; null: it still lasts." })
  to!: Date | null;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: "Requests that are not counted; null: the node reported nothing, and nobody knows.",
  })
  lostRequests!: number | null;
}

@ObjectType("UsageGroup", { description: "Requests that have something in common." })
export class UsageGroupType {
  @Field(() => ID, {
    description:
      "Id of the API, route, key, integration or node; `2xx`; status and error code. Empty: requests without one. `other`: those beyond the bound.",
  })
  key!: string;

  @Field(() => String, {
    nullable: true,
    description: "What people call it; null when it is not there any more.",
  })
  name!: string | null;

  @Field(() => ApiType, { nullable: true, description: "Of a route or key: its API." })
  api!: ApiType | null;

  @Field(() => Int, { nullable: true, description: "Of errors: the status." })
  status!: number | null;

  @Field(() => String, {
    nullable: true,
    description: "Of errors: the code of the gateway's own response; null: the integration responded.",
  })
  errorCode!: string | null;

  @Field(() => UsageTotalsType, { description: "All points together." })
  total!: UsageTotalsType;

  @Field(() => [UsagePointType], { description: "Oldest first, empty ones included." })
  points!: readonly UsagePointType[];
}

@ObjectType("UsageGroups", { description: "The first groups in an order." })
export class UsageGroupsType {
  @Field(() => [UsageGroupType], { description: "In the order that was asked for." })
  groups!: readonly UsageGroupType[];

  @Field(() => GraphQLSafeInt, { description: "Requests that are in none of these groups." })
  otherRequests!: number;
}

/** Requests of the last hour to a route or an integration. */
@ObjectType("RecentUsage", { description: "Requests of the last hour, as far as nodes have reported." })
export class RecentUsageType {
  @Field(() => GraphQLSafeInt, { description: "Requests." })
  requests!: number;

  @Field(() => GraphQLSafeInt, { description: "Requests with a 4xx response." })
  clientErrors!: number;

  @Field(() => GraphQLSafeInt, { description: "Requests with a 5xx response." })
  serverErrors!: number;

  @Field(() => Float, {
    nullable: true,
    description: `95 of 100 took at most so many milliseconds, about; null for fewer than ${QUANTILE_REQUESTS_MIN} requests.`,
  })
  p95Ms!: number | null;
}

export function toUsageTotalsType(totals: UsageTotals): UsageTotalsType {
  return make(UsageTotalsType, { ...totals });
}

export function toUsagePointType({ atMs, ...point }: UsagePoint): UsagePointType {
  return make(UsagePointType, { ...point, at: new Date(atMs) });
}

export function toRecentUsageType(totals: UsageTotals | null): RecentUsageType {
  const { requests = 0, clientErrors = 0, serverErrors = 0, p95Ms = null } = totals ?? {};
  return make(RecentUsageType, { requests, clientErrors, serverErrors, p95Ms });
}
