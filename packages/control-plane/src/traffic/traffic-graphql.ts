/** Traffic as GraphQL shows it. */
import { GraphQLDateTime, GraphQLSafeInt } from "graphql-scalars";
import { Field, Float, ID, Int, ObjectType } from "type-graphql";
import { make } from "../graphql/relay-node.js";
import type { NodeGap } from "../nodes/node-registry-options.js";
import type { RequestTotals } from "./request-sum.js";
import { RequestTotalsFields } from "./request-totals-graphql.js";
import type { TrafficPoint } from "./traffic.js";

@ObjectType("TrafficTotals", { description: "What nodes counted, over some time." })
export class TrafficTotalsType extends RequestTotalsFields implements RequestTotals {
  @Field(() => GraphQLSafeInt, {
    description: "Of those, the ones that the gateway refused: its own response, not the integration's.",
  })
  refused!: number;

  @Field(() => Float, {
    nullable: true,
    description: "Half of the requests took at most so many milliseconds, about; null without requests.",
  })
  p50Ms!: number | null;
}

@ObjectType("TrafficPoint", { description: "What nodes counted in one second." })
export class TrafficPointType extends TrafficTotalsType implements TrafficPoint {
  atMs!: number;

  @Field(() => GraphQLDateTime, { description: "When it begins." })
  at!: Date;

  @Field(() => Int, { description: "How long it is." })
  seconds!: number;

  @Field(() => Float, { description: "Requests a second." })
  requestsPerSecond!: number;
}

@ObjectType("TrafficGap", { description: "A time in which a node reported nothing: its counts are missing." })
export class TrafficGapType {
  @Field(() => ID, { description: "The node's id." })
  nodeId!: string;

  @Field(() => String, { description: "The node's name." })
  node!: string;

  @Field(() => GraphQLDateTime, { description: "Its last report before." })
  from!: Date;

  @Field(() => GraphQLDateTime, { nullable: true, description: "Its first report after; null: none yet." })
  to!: Date | null;
}

@ObjectType("TrafficReport", { description: "A chart and its totals." })
export class TrafficReportType {
  @Field(() => [TrafficPointType], {
    description: "Oldest first, without gaps; the last one is still being filled.",
  })
  points!: readonly TrafficPointType[];

  @Field(() => TrafficTotalsType, { description: "All points together." })
  total!: TrafficTotalsType;

  @Field(() => GraphQLDateTime, {
    description: "When this control plane began to count: points before it are empty, not zero.",
  })
  since!: Date;

  @Field(() => [TrafficGapType], {
    description:
      "When nodes reported nothing, within the points. Nodes that have never connected have no gaps.",
  })
  gaps!: readonly TrafficGapType[];
}

@ObjectType("KeyUsage", { description: "How a key is used." })
export class KeyUsageType {
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description:
      "When a request with it last came, refused ones included, as far as this control plane has heard since its start.",
  })
  lastUsedAt!: Date | null;

  @Field(() => GraphQLSafeInt, { description: "Requests in the last hour, refused ones included." })
  requestsLastHour!: number;
}

export function toTrafficPointType(point: TrafficPoint): TrafficPointType {
  return make(TrafficPointType, {
    ...point,
    at: new Date(point.atMs),
    requestsPerSecond: point.requests / point.seconds,
  });
}

export function toTrafficGapType({ nodeId, nodeName, fromMs, toMs }: NodeGap): TrafficGapType {
  return make(TrafficGapType, {
    nodeId,
    node: nodeName,
    from: new Date(fromMs),
    to: toMs === null ? null : new Date(toMs),
  });
}

export function toTrafficTotalsType(sums: RequestTotals): TrafficTotalsType {
  return make(TrafficTotalsType, { ...sums });
}
