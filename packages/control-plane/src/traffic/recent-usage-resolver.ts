/** `usage` of routes and integrations: what was counted in the last hour, beside each item of a list. */
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../graphql-app/request-context.js";
import { RouteType } from "../modules/api/api-graphql.js";
import { IntegrationType } from "../modules/integration/integration-graphql.js";
import { RecentUsageType, toRecentUsageType } from "./usage-graphql.js";

@Resolver(() => RouteType)
export class RouteUsageResolver {
  @FieldResolver(() => RecentUsageType, {
    description: "Requests that took it in the last hour, refused ones included.",
  })
  async usage(@Root() route: RouteType, @Ctx() ctx: RequestContext): Promise<RecentUsageType> {
    return toRecentUsageType(await ctx.loaders.usageOfRoute.load(route.id));
  }
}

@Resolver(() => IntegrationType)
export class IntegrationUsageResolver {
  @FieldResolver(() => RecentUsageType, {
    description: "Requests to it in the last hour; those that the gateway refused are left out.",
  })
  async usage(@Root() integration: IntegrationType, @Ctx() ctx: RequestContext): Promise<RecentUsageType> {
    return toRecentUsageType(await ctx.loaders.usageOfIntegration.load(integration.id));
  }
}
