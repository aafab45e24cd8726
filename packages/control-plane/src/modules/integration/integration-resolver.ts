/** Queries and mutations of integrations. Calls the service and maps; decides nothing. */
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import {
  badUserInput,
  ConnectionArgs,
  type ConnectionShape,
  PAGE_SIZE_MAX,
  toConnection,
  toPageRequest,
} from "../../graphql/connection.js";
import { type RequestContext, workContext } from "../../graphql-app/request-context.js";
import { type Payload, payloadHead, whenOk } from "../../receipts/mutation-payload.js";
import { CredentialType, toCredentialType } from "../credential/credential-graphql.js";
import { SubscriptionType, toSubscriptionType } from "../subscription/subscription-graphql.js";
import {
  TestIntegrationInput,
  TestIntegrationPayload,
  toConnectionTestType,
} from "./connection-test-graphql.js";
import {
  IntegrationConnection,
  IntegrationType,
  RouteUseType,
  toIntegrationType,
} from "./integration-graphql.js";
import {
  CreateIntegrationInput,
  CreateIntegrationPayload,
  DeleteIntegrationInput,
  DeleteIntegrationPayload,
  IntegrationFilter,
  IntegrationOrder,
  UpdateIntegrationInput,
  UpdateIntegrationPayload,
} from "./integration-input.js";
import type { IntegrationService } from "./integration-service.js";

const byName = { field: "name", direction: "asc" } as const;

@Resolver(() => IntegrationType)
export class IntegrationResolver {
  readonly #integrations: IntegrationService;

  constructor(deps: { readonly integrations: IntegrationService }) {
    this.#integrations = deps.integrations;
  }

  @Query(() => IntegrationType, { nullable: true, description: "The integration with this id, or null." })
  async integration(
    @Arg("id", () => ID, { description: "The integration's id." }) id: string,
    @Ctx() ctx: RequestContext,
  ): Promise<IntegrationType | null> {
    const found = await ctx.loaders.integration.load(id);
    return found === null ? null : toIntegrationType(found);
  }

  @Query(() => IntegrationConnection, {
    description: "Integrations, by name unless ordered otherwise.",
  })
  integrations(
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Arg("filter", () => IntegrationFilter, { nullable: true, description: "Which ones; all without it." })
    filter: IntegrationFilter | null,
    @Arg("orderBy", () => IntegrationOrder, {
      nullable: true,
      description: "In which order; by name without it.",
    })
    orderBy: IntegrationOrder | null,
  ): Promise<ConnectionShape<IntegrationType>> {
    const wanted = filter ?? {};
    return toConnection(
      () => this.#integrations.page(wanted, orderBy ?? byName, toPageRequest(page)),
      toIntegrationType,
      () => this.#integrations.count(wanted),
    );
  }

  @FieldResolver(() => SubscriptionType, { description: "The subscription that owns it." })
  async subscription(
    @Root() integration: IntegrationType,
    @Ctx() ctx: RequestContext,
  ): Promise<SubscriptionType | null> {
    const found = await ctx.loaders.subscription.load(integration.subscriptionId);
    return found === null ? null : toSubscriptionType(found);
  }

  @FieldResolver(() => [CredentialType], { description: "The credentials that requests log in with." })
  async credentials(
    @Root() integration: IntegrationType,
    @Ctx() ctx: RequestContext,
  ): Promise<CredentialType[]> {
    const found = await Promise.all(integration.credentialIds.map((id) => ctx.loaders.credential.load(id)));
    return found.flatMap((credential) => (credential === null ? [] : [toCredentialType(credential)]));
  }

  @FieldResolver(() => Int, { description: "Routes that name it." })
  routeCount(@Root() integration: IntegrationType): Promise<number> {
    return this.#integrations.countUses(integration.id);
  }

  @FieldResolver(() => [RouteUseType], {
    description: "The first routes that name it, by the title of their APIs.",
  })
  async usedBy(
    @Root() integration: IntegrationType,
    @Arg("first", () => Int, { defaultValue: 20, description: `At most so many: 1 to ${PAGE_SIZE_MAX}.` })
    first: number,
  ): Promise<RouteUseType[]> {
    if (first < 1 || first > PAGE_SIZE_MAX) throw badUserInput(`\`first\` is from 1 to ${PAGE_SIZE_MAX}.`);
    const uses = await this.#integrations.uses(integration.id, first);
    return uses.map(({ apiId, apiTitle, method, pattern }) => ({ apiId, apiTitle, method, path: pattern }));
  }

  @Mutation(() => CreateIntegrationPayload, { description: "Makes an integration." })
  async createIntegration(
    @Arg("input", () => CreateIntegrationInput, { description: "The new integration." })
    input: CreateIntegrationInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<CreateIntegrationPayload>> {
    const outcome = await this.#integrations.create(workContext(ctx), input);
    return { ...payloadHead(outcome), integration: whenOk(outcome, toIntegrationType) };
  }

  @Mutation(() => UpdateIntegrationPayload, {
    description: "Changes an integration. Its inbound kind cannot leave API while routes name it.",
  })
  async updateIntegration(
    @Arg("input", () => UpdateIntegrationInput, { description: "What to change." })
    input: UpdateIntegrationInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<UpdateIntegrationPayload>> {
    const outcome = await this.#integrations.update(workContext(ctx), input);
    ctx.loaders.clear();
    return { ...payloadHead(outcome), integration: whenOk(outcome, toIntegrationType) };
  }

  @Mutation(() => TestIntegrationPayload, {
    description:
      "Connects from the control plane to one of an integration's URLs and tells what came of each step. Sends GET to the health check's path, or HEAD to the URL's. At most four tests run at once.",
  })
  async testIntegration(
    @Arg("input", () => TestIntegrationInput, { description: "Which connection." })
    input: TestIntegrationInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<TestIntegrationPayload>> {
    const outcome = await this.#integrations.test(workContext(ctx), input);
    return { ...payloadHead(outcome), test: whenOk(outcome, toConnectionTestType) };
  }

  @Mutation(() => DeleteIntegrationPayload, { description: "Deletes an integration that no route names." })
  async deleteIntegration(
    @Arg("input", () => DeleteIntegrationInput, { description: "What to delete." })
    input: DeleteIntegrationInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<DeleteIntegrationPayload>> {
    const outcome = await this.#integrations.delete(workContext(ctx), input);
    ctx.loaders.clear();
    return { ...payloadHead(outcome), deletedIntegrationId: whenOk(outcome, ({ id }) => id) };
  }
}
