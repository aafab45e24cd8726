/** Rows of usage as GraphQL shows them. */
import { GraphQLDateTime, GraphQLSafeInt } from "graphql-scalars";
import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { PageInfoType } from "../graphql/connection.js";
import { make } from "../graphql/relay-node.js";
import type { UsageDimension, UsageRow, UsageRowPage } from "./usage-rows.js";

export const UsageDimensionEnum = {
  API: "API",
  ROUTE: "ROUTE",
  KEY: "KEY",
  INTEGRATION: "INTEGRATION",
  NODE: "NODE",
  STATUS: "STATUS",
  ERROR_CODE: "ERROR_CODE",
} as const satisfies Record<UsageDimension, UsageDimension>;
registerEnumType(UsageDimensionEnum, {
  name: "UsageDimension",
  description:
    "What the requests of a row have in common. Every request is in one row, refused ones included.",
  valuesConfig: {
    API: { description: "The API." },
    ROUTE: { description: "The route." },
    KEY: { description: "The key." },
    INTEGRATION: { description: "The integration of the route." },
    NODE: { description: "The node." },
    STATUS: { description: "The status that the client got." },
    ERROR_CODE: { description: "The code of the gateway's own response." },
  },
});

const NOT_ASKED_FOR = "null when rows are not by it, or the request had none. `other`: beyond the bound.";

@ObjectType("UsageRow", { description: "Requests of one step of a time that have the same values." })
export class UsageRowType {
  @Field(() => GraphQLDateTime, { description: "When the step begins." })
  at!: Date;

  @Field(() => ID, { nullable: true, description: `The API; ${NOT_ASKED_FOR}` })
  apiId!: string | null;

  @Field(() => ID, { nullable: true, description: `The route; ${NOT_ASKED_FOR}` })
  routeId!: string | null;

  @Field(() => ID, { nullable: true, description: `The key; ${NOT_ASKED_FOR}` })
  keyId!: string | null;

  @Field(() => ID, { nullable: true, description: `The integration; ${NOT_ASKED_FOR}` })
  integrationId!: string | null;

  @Field(() => ID, { nullable: true, description: "The node; null when rows are not by it." })
  nodeId!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "The status; null when rows are not by it. 0: beyond the bound.",
  })
  status!: number | null;

  @Field(() => String, {
    nullable: true,
    description: "The error code; null when rows are not by it, or the response is the integration's.",
  })
  errorCode!: string | null;

  @Field(() => GraphQLSafeInt, { description: "Requests." })
  requests!: number;

  @Field(() => GraphQLSafeInt, { description: "Bytes of request bodies." })
  requestBytes!: number;

  @Field(() => GraphQLSafeInt, { description: "Bytes of response bodies." })
  responseBytes!: number;
}

@ObjectType("UsageRowEdge", { description: "One of a list of rows, with its cursor." })
export class UsageRowEdgeType {
  @Field(() => UsageRowType, { description: "The row." })
  node!: UsageRowType;

  @Field(() => String, { description: "Its place in this list, for `after`." })
  cursor!: string;
}

@ObjectType("UsageRowConnection", {
  description: "A page of rows. It may have fewer than `first` although more follow: `hasNextPage` says so.",
})
export class UsageRowConnectionType {
  @Field(() => [UsageRowEdgeType], { description: "The rows with their cursors." })
  edges!: readonly UsageRowEdgeType[];

  @Field(() => [UsageRowType], { description: "The rows alone." })
  nodes!: readonly UsageRowType[];

  @Field(() => PageInfoType, { description: "Where this page stands in the list." })
  pageInfo!: PageInfoType;
}

export function toUsageRowConnection(
  { items, hasNextPage }: UsageRowPage,
  isFirst: boolean,
): UsageRowConnectionType {
  const edges = items.map(({ row, cursor }) => make(UsageRowEdgeType, { node: toUsageRowType(row), cursor }));
  return make(UsageRowConnectionType, {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage,
      hasPreviousPage: !isFirst,
      startCursor: items[0]?.cursor ?? null,
      endCursor: items.at(-1)?.cursor ?? null,
    },
  });
}

function toUsageRowType({ atMs, values, requests, requestBytes, responseBytes }: UsageRow): UsageRowType {
  const { STATUS: status } = values;
  return make(UsageRowType, {
    at: new Date(atMs),
    apiId: values.API || null,
    routeId: values.ROUTE || null,
    keyId: values.KEY || null,
    integrationId: values.INTEGRATION || null,
    nodeId: values.NODE || null,
    status: status === undefined ? null : Number(status),
    errorCode: values.ERROR_CODE || null,
    requests,
    requestBytes,
    responseBytes,
  });
}
