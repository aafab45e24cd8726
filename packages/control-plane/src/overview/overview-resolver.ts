/** The overview: rankings of the last hour and what needs attention. Calls the counters and services and maps; decides nothing. */
import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import { badUserInput } from "../graphql/connection.js";
import type { RequestContext } from "../graphql-app/request-context.js";
import { ApiType, toApiType } from "../modules/api/api-graphql.js";
import type { UsageGroup } from "../traffic/usage-reader.js";
import { lastMinutes } from "../traffic/usage-span.js";
import { type AttentionDeps, findAttention } from "./attention.js";
import {
  ApiTrafficType,
  AttentionItemType,
  ErrorTrafficType,
  OverviewType,
  toApiTrafficType,
  toAttentionItemType,
  toErrorTrafficType,
} from "./overview-graphql.js";

const FIRST_MAX = 20;
const FIRST_DEFAULT = 5;

const first = { defaultValue: FIRST_DEFAULT, description: `At most so many: 1 to ${FIRST_MAX}.` };

@Resolver(() => OverviewType)
export class OverviewResolver {
  readonly #deps: AttentionDeps;

  constructor(deps: AttentionDeps) {
    this.#deps = deps;
  }

  @Query(() => OverviewType, { description: "The last hour in short, and what needs attention." })
  overview(): OverviewType {
    return {};
  }

  @FieldResolver(() => [ApiTrafficType], { description: "APIs with the most requests in the last hour." })
  async topApis(
    @Arg("first", () => Int, first) count: number,
    @Ctx() ctx: RequestContext,
  ): Promise<readonly ApiTrafficType[]> {
    const ranked = await this.#lastHour("API", checkFirst(count) + 1);
    // Requests without a key have no API; one that was deleted within the hour is left out.
    const apis = await Promise.all(ranked.map(({ key }) => ctx.loaders.api.load(key.id)));
    return ranked
      .filter((_, index) => apis[index] !== null)
      .slice(0, count)
      .map(toApiTrafficType);
  }

  @FieldResolver(() => [ErrorTrafficType], {
    description: "Responses with 4xx and 5xx by status and error code, the most frequent first.",
  })
  async topErrors(@Arg("first", () => Int, first) count: number): Promise<readonly ErrorTrafficType[]> {
    return (await this.#lastHour("ERROR", checkFirst(count))).map(toErrorTrafficType);
  }

  @FieldResolver(() => [AttentionItemType])
  async attention(): Promise<readonly AttentionItemType[]> {
    return (await findAttention(this.#deps)).map(toAttentionItemType);
  }

  async #lastHour(by: "API" | "ERROR", count: number): Promise<readonly UsageGroup[]> {
    const { clock, usage } = this.#deps;
    return (await usage.groups(lastMinutes(clock.now()), {}, by, "REQUESTS", count)).groups;
  }
}

@Resolver(() => ApiTrafficType)
export class ApiTrafficResolver {
  @FieldResolver(() => ApiType, { description: "The API." })
  async api(@Root() { apiId }: ApiTrafficType, @Ctx() ctx: RequestContext): Promise<ApiType | null> {
    const found = await ctx.loaders.api.load(apiId);
    return found === null ? null : toApiType(found);
  }
}

function checkFirst(count: number): number {
  if (count < 1 || count > FIRST_MAX) throw badUserInput(`\`first\` is from 1 to ${FIRST_MAX}.`);
  return count;
}
