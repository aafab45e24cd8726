/** What an imported route leads to. Maps; decides nothing. */
import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import type { RequestContext } from "../../graphql-app/request-context.js";
import { IntegrationType, toIntegrationType } from "../integration/integration-graphql.js";
import { ImportedRouteType } from "./openapi-graphql.js";

@Resolver(() => ImportedRouteType)
export class ImportedRouteResolver {
  @FieldResolver(() => IntegrationType, {
    nullable: true,
    description: "That integration; null also when it is one that a dry run would make.",
  })
  async integration(
    @Root() { integrationId }: ImportedRouteType,
    @Ctx() ctx: RequestContext,
  ): Promise<IntegrationType | null> {
    const found = integrationId === null ? null : await ctx.loaders.integration.load(integrationId);
    return found === null ? null : toIntegrationType(found);
  }
}
