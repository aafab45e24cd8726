/** Charts and the use of keys. Calls the counters and maps; decides nothing. */
import { Arg, Ctx, ID, Int, Query, Resolver, Root, Subscription } from "type-graphql";
import { badUserInput } from "../graphql/connection.js";
import { liveQuery } from "../graphql-app/live-queries.js";
import type { RequestContext } from "../graphql-app/request-context.js";
import type { NodeRegistry } from "../nodes/node-registry.js";
import type { NodeUsage } from "./node-usage.js";
import { TRAFFIC_SECONDS_MAX, type TrafficPoint } from "./traffic.js";
import {
  KeyUsageType,
  TrafficPointType,
  TrafficReportType,
  toTrafficGapType,
  toTrafficPointType,
  toTrafficTotalsType,
} from "./traffic-graphql.js";

const POINTS_DEFAULT = 60;

const only = (noun: string) => ({ nullable: true, description: `Only that of this ${noun}.` }) as const;

@Resolver()
export class TrafficResolver {
  readonly #usage: NodeUsage;

  readonly #registry: NodeRegistry;

  constructor(deps: { readonly usage: NodeUsage; readonly registry: NodeRegistry }) {
    this.#usage = deps.usage;
    this.#registry = deps.registry;
  }

  @Query(() => TrafficReportType, {
    description:
      "What nodes counted in the last minutes, by the second, from the memory of this control plane; `usage` has longer times. Without `apiId`, `routeId` and `keyId` it includes requests refused without a known key.",
  })
  traffic(
    @Arg("apiId", () => ID, only("API")) apiId: string | null,
    @Arg("routeId", () => ID, only("route")) routeId: string | null,
    @Arg("keyId", () => ID, only("key")) keyId: string | null,
    @Arg("nodeId", () => ID, only("node")) nodeId: string | null,
    @Arg("points", () => Int, {
      defaultValue: POINTS_DEFAULT,
      description: `How many seconds, up to now: 1 to ${TRAFFIC_SECONDS_MAX}.`,
    })
    points: number,
  ): TrafficReportType {
    if (points < 1 || points > TRAFFIC_SECONDS_MAX)
      throw badUserInput(`\`points\` is from 1 to ${TRAFFIC_SECONDS_MAX}.`);
    const filter = { apiId, routeId, keyId, nodeId };
    const { traffic } = this.#usage;
    const chart = traffic.points(filter, points);
    return {
      points: chart.map(toTrafficPointType),
      total: toTrafficTotalsType(traffic.total(filter, points)),
      since: new Date(traffic.sinceMs),
      gaps: this.#registry.silences(nodeId).map(toTrafficGapType),
    };
  }

  @Query(() => KeyUsageType, { description: "How a key is used, as far as nodes have reported." })
  async keyUsage(
    @Arg("keyId", () => ID, { description: "The key's id." }) keyId: string,
    @Ctx() ctx: RequestContext,
  ): Promise<KeyUsageType> {
    const lastUsedAtMs = this.#usage.keys.lastUsedAtMs(keyId);
    return {
      lastUsedAt: lastUsedAtMs === null ? null : new Date(lastUsedAtMs),
      requestsLastHour: (await ctx.loaders.usageOfKey.load(keyId))?.requests ?? 0,
    };
  }

  @Subscription(() => TrafficPointType, {
    ...liveQuery("traffic"),
    name: "traffic",
    description: "Once a second, what nodes counted in the second that is just over.",
  })
  trafficChanged(
    @Root() point: TrafficPoint,
    @Arg("apiId", () => ID, only("API")) _apiId: string | null,
    @Arg("routeId", () => ID, only("route")) _routeId: string | null,
    @Arg("keyId", () => ID, only("key")) _keyId: string | null,
    @Arg("nodeId", () => ID, only("node")) _nodeId: string | null,
  ): TrafficPointType {
    return toTrafficPointType(point);
  }
}
