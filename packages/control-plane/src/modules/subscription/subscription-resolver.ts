/** Queries and mutations of subscriptions. Calls the service and maps; decides nothing. */
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import {
  ConnectionArgs,
  type ConnectionShape,
  toConnection,
  toPageRequest,
} from "../../graphql/connection.js";
import { type RequestContext, workContext } from "../../graphql-app/request-context.js";
import { type Payload, payloadHead, whenOk } from "../../receipts/mutation-payload.js";
import { ApiConnection, type ApiType, toApiType } from "../api/api-graphql.js";
import { ApiFilter, ApiOrder } from "../api/api-input.js";
import type { ApiService } from "../api/api-service.js";
import {
  IntegrationConnection,
  type IntegrationType,
  toIntegrationType,
} from "../integration/integration-graphql.js";
import { IntegrationFilter, IntegrationOrder } from "../integration/integration-input.js";
import type { IntegrationService } from "../integration/integration-service.js";
import {
  CreateSubscriptionInput,
  CreateSubscriptionPayload,
  DeleteSubscriptionInput,
  DeleteSubscriptionPayload,
  SubscriptionConnection,
  SubscriptionFilter,
  SubscriptionOrder,
  SubscriptionType,
  toSubscriptionType,
  UpdateSubscriptionInput,
  UpdateSubscriptionPayload,
} from "./subscription-graphql.js";
import type { SubscriptionService } from "./subscription-service.js";

const byName = { field: "name", direction: "asc" } as const;
const byTitle = { field: "title", direction: "asc" } as const;

@Resolver(() => SubscriptionType)
export class SubscriptionResolver {
  readonly #subscriptions: SubscriptionService;
  readonly #apis: ApiService;
  readonly #integrations: IntegrationService;

  constructor(deps: {
    readonly subscriptions: SubscriptionService;
    readonly apis: ApiService;
    readonly integrations: IntegrationService;
  }) {
    this.#subscriptions = deps.subscriptions;
    this.#apis = deps.apis;
    this.#integrations = deps.integrations;
  }

  @Query(() => SubscriptionType, { nullable: true, description: "The subscription with this id, or null." })
  async subscription(
    @Arg("id", () => ID, { description: "The subscription's id." }) id: string,
    @Ctx() ctx: RequestContext,
  ): Promise<SubscriptionType | null> {
    const found = await ctx.loaders.subscription.load(id);
    return found === null ? null : toSubscriptionType(found);
  }

  @Query(() => SubscriptionConnection, {
    description: "All subscriptions, by name unless ordered otherwise.",
  })
  subscriptions(
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Arg("filter", () => SubscriptionFilter, { nullable: true, description: "Which ones; all without it." })
    filter: SubscriptionFilter | null,
    @Arg("orderBy", () => SubscriptionOrder, {
      nullable: true,
      description: "In which order; by name without it.",
    })
    orderBy: SubscriptionOrder | null,
  ): Promise<ConnectionShape<SubscriptionType>> {
    return toConnection(
      () => this.#subscriptions.page(filter ?? {}, orderBy ?? byName, toPageRequest(page)),
      toSubscriptionType,
      () => this.#subscriptions.count(filter ?? {}),
    );
  }

  @FieldResolver(() => ApiConnection, { description: "The subscription's APIs." })
  apis(
    @Root() subscription: SubscriptionType,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Arg("filter", () => ApiFilter, { nullable: true, description: "Which ones; all without it." })
    given: ApiFilter | null,
    @Arg("orderBy", () => ApiOrder, { nullable: true, description: "In which order; by title without it." })
    orderBy: ApiOrder | null,
  ): Promise<ConnectionShape<ApiType>> {
    const filter = { ...given, subscriptionId: subscription.id };
    return toConnection(
      () => this.#apis.page(filter, orderBy ?? byTitle, toPageRequest(page)),
      toApiType,
      () => this.#apis.count(filter),
    );
  }

  @FieldResolver(() => IntegrationConnection, { description: "The subscription's integrations." })
  integrations(
    @Root() subscription: SubscriptionType,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Arg("filter", () => IntegrationFilter, { nullable: true, description: "Which ones; all without it." })
    given: IntegrationFilter | null,
    @Arg("orderBy", () => IntegrationOrder, {
      nullable: true,
      description: "In which order; by name without it.",
    })
    orderBy: IntegrationOrder | null,
  ): Promise<ConnectionShape<IntegrationType>> {
    const filter = { ...given, subscriptionId: subscription.id };
    return toConnection(
      () => this.#integrations.page(filter, orderBy ?? byName, toPageRequest(page)),
      toIntegrationType,
      () => this.#integrations.count(filter),
    );
  }

  @Mutation(() => CreateSubscriptionPayload, { description: "Makes a subscription." })
  async createSubscription(
    @Arg("input", () => CreateSubscriptionInput, { description: "The new subscription." })
    input: CreateSubscriptionInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<CreateSubscriptionPayload>> {
    const outcome = await this.#subscriptions.create(workContext(ctx), input);
    return { ...payloadHead(outcome), subscription: whenOk(outcome, toSubscriptionType) };
  }

  @Mutation(() => UpdateSubscriptionPayload, { description: "Renames a subscription." })
  async updateSubscription(
    @Arg("input", () => UpdateSubscriptionInput, { description: "What to change." })
    input: UpdateSubscriptionInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<UpdateSubscriptionPayload>> {
    const outcome = await this.#subscriptions.update(workContext(ctx), input);
    ctx.loaders.clear();
    return { ...payloadHead(outcome), subscription: whenOk(outcome, toSubscriptionType) };
  }

  @Mutation(() => DeleteSubscriptionPayload, {
    description: "Deletes a subscription that owns nothing any more.",
  })
  async deleteSubscription(
    @Arg("input", () => DeleteSubscriptionInput, { description: "What to delete." })
    input: DeleteSubscriptionInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<DeleteSubscriptionPayload>> {
    const outcome = await this.#subscriptions.delete(workContext(ctx), input);
    ctx.loaders.clear();
    return { ...payloadHead(outcome), deletedSubscriptionId: whenOk(outcome, ({ id }) => id) };
  }
}
