/** Usage over a time: points, groups, gaps, rows. Calls the reader and maps; decides nothing. */
import type { Clock } from "@latchkey/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Arg, Ctx, Field, FieldResolver, Int, ObjectType, Query, Resolver, Root } from "type-graphql";
import { badUserInput } from "../graphql/connection.js";
import { make } from "../graphql/relay-node.js";
import type { RequestContext } from "../graphql-app/request-context.js";
import { type ApiType, toApiType } from "../modules/api/api-graphql.js";
import type { NodeRegistry } from "../nodes/node-registry.js";
import {
  toUsagePointType,
  toUsageTotalsType,
  UsageFilterInput,
  UsageGapType,
  UsageGroupKindEnum,
  UsageGroupOrderEnum,
  UsageGroupsType,
  UsagePointType,
  UsageResolutionEnum,
  UsageTotalsType,
} from "./usage-graphql.js";
import type { UsageNames } from "./usage-names.js";
import type { UsageFilter, UsageGroupKind, UsageGroupOrder, UsageReader, UsageSpan } from "./usage-reader.js";
import type { UsageDays } from "./usage-retention.js";
import { lastMinutes, POINTS_MAX, resolutionFor, spanOf, type UsageResolution } from "./usage-span.js";

const POINTS_AND_GROUPS_MAX = 15_000;
const GROUPS_MAX = 50;
const GROUPS_DEFAULT = 10;

const fromArg = {
  nullable: true,
  description:
    "When it begins, moved back to a whole step. Without it: the last 60 minutes, of which the last is still being filled.",
} as const;
const toArg = {
  nullable: true,
  description: "When it ends, moved on to a whole step; now without it.",
} as const;
const filterArg = { nullable: true, description: "Which requests; all without it." } as const;

@ObjectType("Usage", {
  description:
    "What nodes counted over some time, from the database: it survives restarts and is at most some seconds late.",
})
export class UsageType {
  span!: UsageSpan;
  filter!: UsageFilter;
  /** Read once for points and total. */
  sums!: () => ReturnType<UsageReader["points"]>;

  @Field(() => GraphQLDateTime, { description: "When the first point begins." })
  from!: Date;

  @Field(() => GraphQLDateTime, { description: "When the last point ends." })
  to!: Date;

  @Field(() => UsageResolutionEnum, { description: "How long a point is." })
  resolution!: UsageResolution;
}

export interface UsageResolverDeps {
  readonly usage: { readonly reader: UsageReader; readonly days: UsageDays };
  readonly names: UsageNames;
  readonly registry: NodeRegistry;
  readonly clock: Clock;
}

@Resolver(() => UsageType)
export class UsageResolver {
  readonly #deps: UsageResolverDeps;

  constructor(deps: UsageResolverDeps) {
    this.#deps = deps;
  }

  @Query(() => UsageType, {
    description:
      "What nodes counted over some time. Compare two periods by asking twice. Without `apiId`, `routeId` and `keyId` it includes requests refused without a known key.",
  })
  usage(
    @Arg("from", () => GraphQLDateTime, fromArg) from: Date | null,
    @Arg("to", () => GraphQLDateTime, toArg) to: Date | null,
    @Arg("resolution", () => UsageResolutionEnum, {
      nullable: true,
      description:
        "How long a point is; without it the shortest one that is kept for all of the time and makes at most 200 points.",
    })
    resolution: UsageResolution | null,
    @Arg("filter", () => UsageFilterInput, filterArg) filter: UsageFilterInput | null,
  ): UsageType {
    const asked = this.#span(from, to, resolution);
    const which = checkFilter(filter);
    let sums: ReturnType<UsageReader["points"]> | null = null;
    return {
      ...asked,
      filter: which,
      from: new Date(asked.span.fromMs),
      to: new Date(asked.span.toMs),
      sums: () => {
        sums ??= this.#deps.usage.reader.points(asked.span, which);
        return sums;
      },
    };
  }

  @FieldResolver(() => [UsagePointType], {
    description:
      "Oldest first, without holes. One in which `since` or `gaps` fall is not known, or not whole.",
  })
  async points(@Root() { sums }: UsageType): Promise<readonly UsagePointType[]> {
    return (await sums()).points.map(toUsagePointType);
  }

  @FieldResolver(() => UsageTotalsType, { description: "All points together." })
  async total(@Root() { sums }: UsageType): Promise<UsageTotalsType> {
    return toUsageTotalsType((await sums()).total);
  }

  @FieldResolver(() => GraphQLDateTime, {
    nullable: true,
    description:
      "When the oldest counts begin that there are in this resolution: points before it are empty, not zero. Null: there are none.",
  })
  async since(@Root() { span }: UsageType): Promise<Date | null> {
    const sinceMs = await this.#deps.usage.reader.since(span.level);
    return sinceMs === null ? null : new Date(sinceMs);
  }

  @FieldResolver(() => [UsageGapType], {
    description: "Times for which counts are missing, oldest first; the newest 200 when there are more.",
  })
  async gaps(@Root() { span, filter }: UsageType): Promise<readonly UsageGapType[]> {
    const { registry } = this.#deps;
    const { reader } = this.#deps.usage;
    const nodeId = filter.nodeId ?? null;
    const past = await reader.gaps(nodeId, span.fromMs, span.toMs);
    const present = registry
      .silences(nodeId)
      .filter(({ fromMs }) => fromMs < span.toMs)
      .map((silence) => ({ ...silence, lost: null }));
    return [...past, ...present].map((gap) =>
      make(UsageGapType, {
        nodeId: gap.nodeId,
        node: registry.nameOf(gap.nodeId),
        from: new Date(Math.max(gap.fromMs, span.fromMs)),
        to: gap.toMs === null ? null : new Date(Math.min(gap.toMs, span.toMs)),
        lostRequests: gap.lost,
      }),
    );
  }

  @FieldResolver(() => UsageGroupsType, { description: "The same requests in groups." })
  async groups(
    @Root() { span, filter }: UsageType,
    @Arg("by", () => UsageGroupKindEnum, { description: "What the requests of a group have in common." })
    by: UsageGroupKind,
    @Arg("orderBy", () => UsageGroupOrderEnum, {
      defaultValue: "REQUESTS",
      description: "Which groups come first.",
    })
    order: UsageGroupOrder,
    @Arg("first", () => Int, {
      defaultValue: GROUPS_DEFAULT,
      description: `At most so many groups: 1 to ${GROUPS_MAX}.`,
    })
    first: number,
    @Ctx() ctx: RequestContext,
  ): Promise<UsageGroupsType> {
    if (first < 1 || first > GROUPS_MAX) throw badUserInput(`\`first\` is from 1 to ${GROUPS_MAX}.`);
    const points = (span.toMs - span.fromMs) / span.stepMs;
    if (points * first > POINTS_AND_GROUPS_MAX)
      throw badUserInput(
        `Groups have at most ${POINTS_AND_GROUPS_MAX} points together: ask for fewer groups or longer points.`,
      );
    const { groups, rest } = await this.#deps.usage.reader.groups(span, filter, by, order, first);
    const ids = groups.map(({ key }) => key.id);
    const names = await this.#deps.names.of(by, ids);
    const apis = await Promise.all(ids.map((id) => apiOf(ctx, by, id)));
    return {
      groups: groups.map(({ key, total, points: own }, index) => ({
        key: key.id,
        name: names.get(key.id) ?? null,
        api: apis[index] ?? null,
        status: key.status,
        errorCode: key.errorCode === "" ? null : key.errorCode,
        total: toUsageTotalsType(total),
        points: own.map(toUsagePointType),
      })),
      otherRequests: rest,
    };
  }

  #span(
    from: Date | null,
    to: Date | null,
    wanted: UsageResolution | null,
  ): { readonly span: UsageSpan; readonly resolution: UsageResolution } {
    const nowMs = this.#deps.clock.now();
    if (from == null) {
      if (to != null || wanted != null) throw badUserInput("`to` and `resolution` need `from`.");
      return { span: lastMinutes(nowMs), resolution: "MINUTE" };
    }
    const fromMs = from.getTime();
    const toMs = to?.getTime() ?? nowMs;
    if (fromMs >= toMs) throw badUserInput("`from` is before `to`.");
    const resolution = wanted ?? resolutionFor(fromMs, toMs, nowMs, this.#deps.usage.days);
    const span = spanOf(fromMs, toMs, resolution);
    if ((span.toMs - span.fromMs) / span.stepMs > POINTS_MAX)
      throw badUserInput(`A time has at most ${POINTS_MAX} points: ask for a shorter time or longer points.`);
    return { span, resolution };
  }
}

/** Of a route or key. */
async function apiOf({ loaders }: RequestContext, by: UsageGroupKind, id: string): Promise<ApiType | null> {
  if ((by !== "ROUTE" && by !== "KEY") || id === "") return null;
  const owned = by === "KEY" ? await loaders.apiKey.load(id) : await loaders.route.load(id);
  const api = owned === null ? null : await loaders.api.load(owned.apiId);
  return api === null ? null : toApiType(api);
}

function checkFilter(filter: UsageFilterInput | null): UsageFilter {
  const { statusClass } = filter ?? {};
  if (statusClass != null && (statusClass < 1 || statusClass > 5))
    throw badUserInput("`statusClass` is from 1 to 5.");
  return { ...filter };
}
