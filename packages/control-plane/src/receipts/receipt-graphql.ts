/** Receipts as GraphQL shows them: which ingress nodes enforce a revision. */

import type { Revision } from "@latchkey/snapshot";
import { Arg, Field, Float, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { badUserInput } from "../graphql/connection.js";
import { make } from "../graphql/relay-node.js";
import { RevisionType, toRevision } from "../graphql/revision.js";
import type { NodeStatus } from "../nodes/node.js";
import { NodeStatusEnum } from "../nodes/node-status-graphql.js";
import { TooManyListeners } from "../pub-sub/broadcast.js";
import {
  type ReceiptScope,
  type Receipts,
  type RevisionReceipt,
  receiptLimits,
  TooManyWaiters,
} from "./receipts.js";

/** How long a client waits for a receipt when it does not say. */
const RECEIPT_TIMEOUT_MS_DEFAULT = 10_000;

export const ReceiptScopeEnum = { ALL: "ALL", QUORUM: "QUORUM" } as const satisfies Record<
  ReceiptScope,
  ReceiptScope
>;
registerEnumType(ReceiptScopeEnum, {
  name: "ReceiptScope",
  description: "Whose confirmation a receipt asks for.",
  valuesConfig: {
    ALL: {
      description:
        "Every node's that has ever connected, also of those that are silent: they may still serve.",
    },
    QUORUM: { description: "That of more than half of these nodes." },
  },
});

/** The arguments of everything that waits for a receipt. */
export const NodesArg = Arg("nodes", () => ReceiptScopeEnum, {
  defaultValue: "ALL",
  description: "Whose confirmation to wait for.",
});
export const TimeoutArg = Arg("timeoutMs", () => Int, {
  defaultValue: RECEIPT_TIMEOUT_MS_DEFAULT,
  description: `How long to wait, in milliseconds: 0 to ${receiptLimits.timeoutMsMax}.`,
});

@ObjectType("NodeConfirmation", { description: "A node that enforces a revision." })
export class NodeConfirmationType {
  @Field(() => ID, { description: "The node's id." })
  nodeId!: string;

  @Field(() => String, { description: "The node's name." })
  node!: string;

  @Field(() => Float, {
    nullable: true,
    description:
      "Milliseconds from the commit to the node's acknowledgement; null when either was before this control plane started.",
  })
  afterMs!: number | null;
}

@ObjectType("NodePending", { description: "A node that has not confirmed a revision." })
export class NodePendingType {
  @Field(() => ID, { description: "The node's id." })
  nodeId!: string;

  @Field(() => String, { description: "The node's name." })
  node!: string;

  @Field(() => NodeStatusEnum, { description: "How the node is." })
  status!: NodeStatus;

  @Field(() => String, {
    description: "What is known of why, as half a sentence: `not heard from for 42 s`.",
  })
  reason!: string;
}

@ObjectType("RevisionReceipt", {
  description: "Which nodes enforce a revision, and which have not confirmed it.",
})
export class RevisionReceiptType {
  @Field(() => RevisionType, { description: "The revision." })
  revision!: RevisionType;

  @Field(() => [NodeConfirmationType], {
    description: "Nodes that acknowledged it or a later one, fastest first.",
  })
  acknowledged!: readonly NodeConfirmationType[];

  @Field(() => [NodePendingType], {
    description: "Nodes that have not, by name. Nodes that have never connected do not count.",
  })
  pending!: readonly NodePendingType[];

  @Field(() => Boolean, { description: "Whether as many nodes confirmed as were asked for." })
  complete!: boolean;

  @Field(() => String, {
    description: "All of it in a sentence: `enforced on 3 of 3 nodes after 41 ms`.",
  })
  message!: string;
}

export function toReceiptType(receipt: RevisionReceipt): RevisionReceiptType {
  return make(RevisionReceiptType, {
    revision: toRevision(receipt.revision),
    acknowledged: receipt.acknowledged.map(({ nodeId, nodeName, afterMs }) =>
      make(NodeConfirmationType, {
        nodeId,
        node: nodeName,
        afterMs: afterMs === null ? null : Math.round(afterMs * 10) / 10,
      }),
    ),
    pending: receipt.pending.map(({ nodeId, nodeName, status, reason }) =>
      make(NodePendingType, { nodeId, node: nodeName, status, reason }),
    ),
    complete: receipt.isComplete,
    message: receipt.message,
  });
}

/** Waits for the receipt. @throws GraphQLError BAD_USER_INPUT for a time out of bounds, and when too many wait */
export async function awaitReceipt(
  receipts: Pick<Receipts, "wait">,
  revision: Revision,
  nodes: ReceiptScope,
  timeoutMs: number,
): Promise<RevisionReceiptType> {
  if (timeoutMs < 0 || timeoutMs > receiptLimits.timeoutMsMax)
    throw badUserInput(`\`timeoutMs\` is from 0 to ${receiptLimits.timeoutMsMax}.`);
  try {
    return toReceiptType(await receipts.wait(revision, nodes, timeoutMs));
  } catch (error) {
    if (error instanceof TooManyWaiters || error instanceof TooManyListeners)
      throw badUserInput(error.message);
    throw error;
  }
}
