/** Queries and mutations of credentials. Calls the service and maps; decides nothing. */
import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import {
  ConnectionArgs,
  type ConnectionShape,
  toConnection,
  toPageRequest,
} from "../../graphql/connection.js";
import { type RequestContext, workContext } from "../../graphql-app/request-context.js";
import { type Payload, payloadHead, whenOk } from "../../receipts/mutation-payload.js";
import {
  IntegrationConnection,
  type IntegrationType,
  toIntegrationType,
} from "../integration/integration-graphql.js";
import type { IntegrationService } from "../integration/integration-service.js";
import { SubscriptionType, toSubscriptionType } from "../subscription/subscription-graphql.js";
import { CredentialConnection, CredentialType, toCredentialType } from "./credential-graphql.js";
import {
  CreateCredentialInput,
  CreateCredentialPayload,
  CredentialFilter,
  CredentialOrder,
  DeleteCredentialInput,
  DeleteCredentialPayload,
  UpdateCredentialInput,
  UpdateCredentialPayload,
} from "./credential-input.js";
import type { CredentialService } from "./credential-service.js";

const byName = { field: "name", direction: "asc" } as const;

@Resolver(() => CredentialType)
export class CredentialResolver {
  readonly #credentials: CredentialService;
  readonly #integrations: IntegrationService;

  constructor(deps: { readonly credentials: CredentialService; readonly integrations: IntegrationService }) {
    this.#credentials = deps.credentials;
    this.#integrations = deps.integrations;
  }

  @Query(() => CredentialType, { nullable: true, description: "The credential with this id, or null." })
  async credential(
    @Arg("id", () => ID, { description: "The credential's id." }) id: string,
    @Ctx() ctx: RequestContext,
  ): Promise<CredentialType | null> {
    const found = await ctx.loaders.credential.load(id);
    return found === null ? null : toCredentialType(found);
  }

  @Query(() => CredentialConnection, { description: "Credentials, by name unless ordered otherwise." })
  credentials(
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Arg("filter", () => CredentialFilter, { nullable: true, description: "Which ones; all without it." })
    filter: CredentialFilter | null,
    @Arg("orderBy", () => CredentialOrder, {
      nullable: true,
      description: "In which order; by name without it.",
    })
    orderBy: CredentialOrder | null,
  ): Promise<ConnectionShape<CredentialType>> {
    const wanted = filter ?? {};
    return toConnection(
      () => this.#credentials.page(wanted, orderBy ?? byName, toPageRequest(page)),
      toCredentialType,
      () => this.#credentials.count(wanted),
    );
  }

  @FieldResolver(() => SubscriptionType, { description: "The subscription that owns it." })
  async subscription(
    @Root() credential: CredentialType,
    @Ctx() ctx: RequestContext,
  ): Promise<SubscriptionType | null> {
    const found = await ctx.loaders.subscription.load(credential.subscriptionId);
    return found === null ? null : toSubscriptionType(found);
  }

  @FieldResolver(() => Int, { description: "Integrations that use it." })
  integrationCount(@Root() credential: CredentialType): Promise<number> {
    return this.#integrations.count({ credentialId: credential.id });
  }

  @FieldResolver(() => IntegrationConnection, { description: "Integrations that use it, by name." })
  integrations(
    @Root() credential: CredentialType,
    @Args(() => ConnectionArgs) page: ConnectionArgs,
  ): Promise<ConnectionShape<IntegrationType>> {
    const filter = { credentialId: credential.id };
    return toConnection(
      () => this.#integrations.page(filter, byName, toPageRequest(page)),
      toIntegrationType,
      () => this.#integrations.count(filter),
    );
  }

  @Mutation(() => CreateCredentialPayload, {
    description: "Creates a credential. Its secret is encrypted and cannot be read again.",
  })
  async createCredential(
    @Arg("input", () => CreateCredentialInput, { description: "The new credential." })
    input: CreateCredentialInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<CreateCredentialPayload>> {
    const outcome = await this.#credentials.create(workContext(ctx), input);
    return { ...payloadHead(outcome), credential: whenOk(outcome, toCredentialType) };
  }

  @Mutation(() => UpdateCredentialPayload, {
    description:
      "Changes a credential, its secret included. Nodes use the new one from the revision on; requests in flight end with the old one.",
  })
  async updateCredential(
    @Arg("input", () => UpdateCredentialInput, { description: "What to change." })
    input: UpdateCredentialInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<UpdateCredentialPayload>> {
    const outcome = await this.#credentials.update(workContext(ctx), input);
    ctx.loaders.clear();
    return { ...payloadHead(outcome), credential: whenOk(outcome, toCredentialType) };
  }

  @Mutation(() => DeleteCredentialPayload, {
    description: "Deletes a credential that no integration uses.",
  })
  async deleteCredential(
    @Arg("input", () => DeleteCredentialInput, { description: "What to delete." })
    input: DeleteCredentialInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<DeleteCredentialPayload>> {
    const outcome = await this.#credentials.delete(workContext(ctx), input);
    ctx.loaders.clear();
    return { ...payloadHead(outcome), deletedCredentialId: whenOk(outcome, ({ id }) => id) };
  }
}
