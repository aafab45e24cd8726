/** Use cases of nodes: make one with its token, give it another token, remove it. A node makes no revision, but its removal does where there are entered secrets. */
import { newId, ok } from "@latchkey/core";
import type { Db } from "../db/schema.js";
import { notFound, type Outcome, Problems, userError } from "../errors/user-error.js";
import type { Committed, UnitOfWork, UnitOfWorkRunner, WorkContext } from "../unit-of-work/unit-of-work.js";
import { checkNodeName, nodeLimits, type RegisteredNode } from "./node.js";
import type { NodeRegistry } from "./node-registry.js";
import {
  countNodes,
  deleteNode,
  findNode,
  findNodeByName,
  insertNode,
  updateNodeToken,
} from "./node-store.js";
import { newNodeToken, nodeTokenDigest } from "./node-token.js";

export interface CreateNode {
  readonly name: string;
}

export interface NodeById {
  readonly id: string;
}

/** A node with its new token, which is shown this once. */
export interface NodeWithToken {
  readonly node: RegisteredNode;
  readonly token: string;
}

export interface NodeServiceDeps {
  readonly db: Db;
  readonly units: UnitOfWorkRunner;
  readonly registry: NodeRegistry;
  /** In the transaction that removes a node: what it knows is to be worth nothing for what comes later. */
  readonly onRemoved: (scope: UnitOfWork) => Promise<void>;
}

export class NodeService {
  readonly #db: Db;
  readonly #units: UnitOfWorkRunner;
  readonly #registry: NodeRegistry;
  readonly #onRemoved: NodeServiceDeps["onRemoved"];

  constructor(deps: NodeServiceDeps) {
    this.#onRemoved = deps.onRemoved;
    this.#db = deps.db;
    this.#units = deps.units;
    this.#registry = deps.registry;
  }

  find(id: string): Promise<RegisteredNode | null> {
    return findNode(this.#db, id);
  }

  findByName(name: string): Promise<RegisteredNode | null> {
    return findNodeByName(this.#db, name);
  }

  async create(context: WorkContext, input: CreateNode): Promise<Outcome<Committed<NodeWithToken>>> {
    const outcome = await this.#units.run<NodeWithToken>(context, async (scope) => {
      const problems = new Problems();
      const name = checkNodeName(problems, input.name);
      if (problems.any) return problems.failure();
      if ((await findNodeByName(scope.trx, name)) !== null)
        return userError("CONFLICT", ["input", "name"], `There is a node called ${name} already.`);
      if ((await countNodes(scope.trx)) >= nodeLimits.nodesMax)
        return userError("TOO_MANY", ["input", "name"], `There are at most ${nodeLimits.nodesMax} nodes.`);
      const token = newNodeToken();
      const node: RegisteredNode = {
        id: newId("node"),
        name,
        tokenDigest: nodeTokenDigest(token),
        createdAtMs: scope.nowMs,
        lastSeenAtMs: null,
        softwareVersion: null,
        acked: null,
        lastNack: null,
        instanceId: null,
        rejectedAtMs: null,
      };
      await insertNode(scope.trx, node);
      audit(scope, "create", node);
      return ok({ node, token });
    });
    if (outcome.ok) this.#registry.added(outcome.value.value.node);
    return outcome;
  }

  /** The old token is refused from now on, and a stream that came with it ends. */
  async regenerateToken(context: WorkContext, input: NodeById): Promise<Outcome<Committed<NodeWithToken>>> {
    const outcome = await this.#units.run<NodeWithToken>(context, async (scope) => {
      const before = await findNode(scope.trx, input.id);
      if (before === null) return notFound(["input", "id"], "node");
      const token = newNodeToken();
      const node: RegisteredNode = { ...before, tokenDigest: nodeTokenDigest(token) };
      await updateNodeToken(scope.trx, node.id, nodeTokenDigest(token));
      audit(scope, "regenerateToken", node);
      return ok({ node, token });
    });
    if (outcome.ok) this.#registry.tokenChanged(outcome.value.value.node);
    return outcome;
  }

  /**
   * Its token is refused from now on and its stream ends. What it already enforces it goes on to enforce. It cannot read the
   * secrets that are entered later.
   */
  async delete(context: WorkContext, input: NodeById): Promise<Outcome<Committed<RegisteredNode>>> {
    const outcome = await this.#units.run<RegisteredNode>(context, async (scope) => {
      const node = await findNode(scope.trx, input.id);
      if (node === null) return notFound(["input", "id"], "node");
      await deleteNode(scope.trx, node.id);
      await this.#onRemoved(scope);
      audit(scope, "delete", node);
      return ok(node);
    });
    if (outcome.ok) this.#registry.removed(outcome.value.value.id);
    return outcome;
  }
}

function audit(scope: UnitOfWork, verb: "create" | "delete" | "regenerateToken", node: RegisteredNode): void {
  const shown = { name: node.name };
  scope.audit({
    action: `node.${verb}`,
    targetKind: "node",
    targetId: node.id,
    targetName: node.name,
    subscriptionId: null,
    before: verb === "create" ? null : shown,
    after: verb === "delete" ? null : shown,
  });
}
