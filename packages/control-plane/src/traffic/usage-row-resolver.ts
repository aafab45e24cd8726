/** Usage as rows, for billing. Calls the reader and maps; decides nothing. */
import type { Clock } from "@latchkey/core";
import { GraphQLDateTime } from "graphql-scalars";
import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import { badUserInput, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX, pageOrUserError } from "../graphql/connection.js";
import type { RequestContext } from "../graphql-app/request-context.js";
import { ApiType, RouteType, toApiType, toRouteType } from "../modules/api/api-graphql.js";
import { IntegrationType, toIntegrationType } from "../modules/integration/integration-graphql.js";
import { ApiKeyType, toApiKeyType } from "../modules/key/api-key-graphql.js";
import type { NodeRegistry } from "../nodes/node-registry.js";
import { UsageResolutionEnum } from "./usage-graphql.js";
import {
  toUsageRowConnection,
  UsageDimensionEnum,
  UsageRowConnectionType,
  UsageRowType,
} from "./usage-row-graphql.js";
import type { UsageDimension, UsageRows } from "./usage-rows.js";
import { spanOf, type UsageResolution } from "./usage-span.js";

export interface UsageRowResolverDeps {
  readonly rows: UsageRows;
  readonly registry: Pick<NodeRegistry, "nameOf">;
  readonly clock: Clock;
}

@Resolver(() => UsageRowType)
export class UsageRowResolver {
  readonly #deps: UsageRowResolverDeps;

  constructor(deps: UsageRowResolverDeps) {
    this.#deps = deps;
  }

  @Query(() => UsageRowConnectionType, {
    description:
      "What nodes counted, as rows: the requests of each step of a time by what `groupBy` names, oldest first. Every request is in one row, so that rows add up to what nodes counted. For many rows take `/usage.csv` or `/usage.ndjson`.",
  })
  async usageRows(
    @Arg("from", () => GraphQLDateTime, { description: "When it begins, moved back to a whole step." })
    from: Date,
    @Arg("to", () => GraphQLDateTime, {
      nullable: true,
      description: "When it ends, moved on to a whole step; now without it.",
    })
    to: Date | null,
    @Arg("resolution", () => UsageResolutionEnum, {
      defaultValue: UsageResolutionEnum.DAY,
      description: "How long a step is.",
    })
    resolution: UsageResolution,
    @Arg("groupBy", () => [UsageDimensionEnum], {
      description: "What the requests of a row have in common; empty: a row for each step.",
    })
    groupBy: UsageDimension[],
    @Arg("first", () => Int, {
      defaultValue: PAGE_SIZE_DEFAULT,
      description: `Take so many: 1 to ${PAGE_SIZE_MAX}.`,
    })
    first: number,
    @Arg("after", () => String, { nullable: true, description: "Only what comes after this cursor." })
    after: string | null,
  ): Promise<UsageRowConnectionType> {
    if (first < 1 || first > PAGE_SIZE_MAX) throw badUserInput(`\`first\` is from 1 to ${PAGE_SIZE_MAX}.`);
    const fromMs = from.getTime();
    const toMs = to?.getTime() ?? this.#deps.clock.now();
    if (fromMs >= toMs) throw badUserInput("`from` is before `to`.");
    const span = spanOf(fromMs, toMs, resolution);
    const page = await pageOrUserError(() => this.#deps.rows.page(span, groupBy, first, after ?? null));
    return toUsageRowConnection(page, after == null);
  }

  @FieldResolver(() => ApiType, { nullable: true, description: "The API; null also when it was deleted." })
  async api(@Root() { apiId }: UsageRowType, @Ctx() { loaders }: RequestContext): Promise<ApiType | null> {
    const found = apiId === null ? null : await loaders.api.load(apiId);
    return found === null ? null : toApiType(found);
  }

  @FieldResolver(() => RouteType, {
    nullable: true,
    description: "The route; null also when it was deleted.",
  })
  async route(
    @Root() { routeId }: UsageRowType,
    @Ctx() { loaders }: RequestContext,
  ): Promise<RouteType | null> {
    const found = routeId === null ? null : await loaders.route.load(routeId);
    return found === null ? null : toRouteType(found);
  }

  @FieldResolver(() => ApiKeyType, { nullable: true, description: "The key; null also when it was deleted." })
  async key(@Root() { keyId }: UsageRowType, @Ctx() { loaders }: RequestContext): Promise<ApiKeyType | null> {
    const found = keyId === null ? null : await loaders.apiKey.load(keyId);
    return found === null ? null : toApiKeyType(found);
  }

  @FieldResolver(() => IntegrationType, {
    nullable: true,
    description: "The integration; null also when it was deleted.",
  })
  async integration(
    @Root() { integrationId }: UsageRowType,
    @Ctx() { loaders }: RequestContext,
  ): Promise<IntegrationType | null> {
    const found = integrationId === null ? null : await loaders.integration.load(integrationId);
    return found === null ? null : toIntegrationType(found);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "The node's name; null also when it was removed.",
  })
  nodeName(@Root() { nodeId }: UsageRowType): string | null {
    return nodeId === null ? null : this.#deps.registry.nameOf(nodeId);
  }
}
