/** Queries, mutations and subscriptions of nodes and receipts. Calls the service and maps; decides nothing. */
import {
  Arg,
  Args,
  Ctx,
  FieldResolver,
  Float,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from "type-graphql";
import { pageOf } from "../db/page.js";
import { ConnectionArgs, type ConnectionShape, toConnection, toPageRequest } from "../graphql/connection.js";
import { RevisionType, toRevision } from "../graphql/revision.js";
import { liveQuery, revisionOf } from "../graphql-app/live-queries.js";
import { type RequestContext, workContext } from "../graphql-app/request-context.js";
import { type Payload, payloadHead, whenOk } from "../receipts/mutation-payload.js";
import {
  awaitReceipt,
  NodesArg,
  ReceiptScopeEnum,
  RevisionReceiptType,
  TimeoutArg,
  toReceiptType,
} from "../receipts/receipt-graphql.js";
import { type ReceiptScope, type RevisionReceipt, receiptLimits } from "../receipts/receipts.js";
import type { NodeView } from "./node.js";
import {
  CreateNodeInput,
  CreateNodePayload,
  DeleteNodeInput,
  DeleteNodePayload,
  IngressNodeConnection,
  IngressNodeFilter,
  IngressNodeType,
  RegenerateNodeTokenInput,
  RegenerateNodeTokenPayload,
  RevisionInput,
  toIngressNodeType,
} from "./node-graphql.js";
import type { NodeModule } from "./node-module.js";

/** Seconds that a node's request rate is taken over. */
const RATE_SECONDS = 10;
const byName = { name: "name", direction: "asc" } as const;

export type NodeResolverDeps = Pick<NodeModule, "registry" | "nodes" | "receipts" | "usage">;

@Resolver(() => IngressNodeType)
export class NodeResolver {
  readonly #module: NodeResolverDeps;

  constructor(module: NodeResolverDeps) {
    this.#module = module;
  }

  @Query(() => RevisionType, { description: "The newest revision that exists." })
  revision(): RevisionType {
    return toRevision(this.#module.registry.newest);
  }

  @Query(() => IngressNodeConnection, { description: "Ingress nodes by name, as they are known now." })
  ingressNodes(
    @Args(() => ConnectionArgs) page: ConnectionArgs,
    @Arg("filter", () => IngressNodeFilter, { nullable: true, description: "Which ones; all without it." })
    filter: IngressNodeFilter | null,
  ): Promise<ConnectionShape<IngressNodeType>> {
    const views = this.#module.registry
      .views()
      .filter((view) => filter?.status?.includes(view.status) ?? true);
    return toConnection(
      async () => pageOf(views, byName, toPageRequest(page)),
      toIngressNodeType,
      async () => views.length,
    );
  }

  @Query(() => IngressNodeType, { nullable: true, description: "The ingress node with this id, or null." })
  ingressNode(@Arg("id", () => ID, { description: "The node's id." }) id: string): IngressNodeType | null {
    return this.#type(id);
  }

  @FieldResolver(() => Float, {
    description: "Requests a second that it reported over the last ten seconds.",
  })
  requestsPerSecond(@Root() node: IngressNodeType): number {
    const { requests } = this.#module.usage.traffic.total({ nodeId: node.id }, RATE_SECONDS);
    return requests / RATE_SECONDS;
  }

  @Query(() => RevisionReceiptType, {
    description:
      "Waits until nodes enforce a revision, and tells which do after how long. An incomplete receipt names those that have not confirmed.",
  })
  async awaitRevision(
    @Arg("revision", () => RevisionInput, { description: "The revision of a mutation's payload." })
    revision: RevisionInput,
    @NodesArg nodes: ReceiptScope,
    @TimeoutArg timeoutMs: number,
  ): Promise<RevisionReceiptType> {
    const { receipts, registry } = this.#module;
    return awaitReceipt(receipts, revisionOf(revision, registry), nodes, timeoutMs);
  }

  @Mutation(() => CreateNodePayload, {
    description: "Registers an ingress node and shows the token it connects with.",
  })
  async createNode(
    @Arg("input", () => CreateNodeInput, { description: "The node." }) input: CreateNodeInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<CreateNodePayload>> {
    const outcome = await this.#module.nodes.create(workContext(ctx), input);
    return {
      ...payloadHead(outcome),
      node: whenOk(outcome, ({ node }) => this.#type(node.id)),
      token: whenOk(outcome, ({ token }) => token),
    };
  }

  @Mutation(() => RegenerateNodeTokenPayload, {
    description: "Gives a node another token and shows it. A stream that came with the old one ends at once.",
  })
  async regenerateNodeToken(
    @Arg("input", () => RegenerateNodeTokenInput, { description: "Which node." })
    input: RegenerateNodeTokenInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<RegenerateNodeTokenPayload>> {
    const outcome = await this.#module.nodes.regenerateToken(workContext(ctx), input);
    return {
      ...payloadHead(outcome),
      node: whenOk(outcome, ({ node }) => this.#type(node.id)),
      token: whenOk(outcome, ({ token }) => token),
    };
  }

  @Mutation(() => DeleteNodePayload, {
    description:
      "Removes a node: its token is refused and its stream ends at once. It goes on enforcing what it has.",
  })
  async deleteNode(
    @Arg("input", () => DeleteNodeInput, { description: "Which node." }) input: DeleteNodeInput,
    @Ctx() ctx: RequestContext,
  ): Promise<Payload<DeleteNodePayload>> {
    const outcome = await this.#module.nodes.delete(workContext(ctx), input);
    return { ...payloadHead(outcome), deletedNodeId: whenOk(outcome, ({ id }) => id) };
  }

  @Subscription(() => RevisionReceiptType, {
    ...liveQuery("revisionAcknowledged"),
    description: "The receipt of a revision now and after each confirmation, until it is complete.",
  })
  revisionAcknowledged(
    @Root() receipt: RevisionReceipt,
    @Arg("revision", () => RevisionInput, { description: "The revision of a mutation's payload." })
    _revision: RevisionInput,
    @Arg("nodes", () => ReceiptScopeEnum, {
      defaultValue: "ALL",
      description: "Whose confirmation is asked for.",
    })
    _nodes: ReceiptScope,
    @Arg("timeoutMs", () => Int, {
      defaultValue: receiptLimits.timeoutMsMax,
      description: `When to end all the same, in milliseconds: at most ${receiptLimits.timeoutMsMax}.`,
    })
    _timeoutMs: number,
  ): RevisionReceiptType {
    return toReceiptType(receipt);
  }

  @Subscription(() => [IngressNodeType], {
    ...liveQuery("nodesChanged"),
    description: "All nodes, and then those of which something changed, at most four times a second.",
  })
  nodesChanged(@Root() views: readonly NodeView[], @Ctx() ctx: RequestContext): readonly IngressNodeType[] {
    ctx.loaders.clear(); // a name may have changed since the last value
    return views.map(toIngressNodeType);
  }

  #type(id: string): IngressNodeType | null {
    const view = this.#module.registry.view(id);
    return view === null ? null : toIngressNodeType(view);
  }
}
