/** The base of every mutation's payload: user errors, the revision it made, and the receipt of that revision. */
import type { Revision } from "@latchkey/snapshot";
import { Ctx, Field, ObjectType } from "type-graphql";
import type { Outcome } from "../errors/user-error.js";
import { RevisionType, toRevision } from "../graphql/revision.js";
import { toUserError, UserErrorType } from "../graphql/user-error.js";
import type { RequestContext } from "../graphql-app/request-context.js";
import type { Committed } from "../unit-of-work/unit-of-work.js";
import { awaitReceipt, NodesArg, RevisionReceiptType, TimeoutArg } from "./receipt-graphql.js";
import type { ReceiptScope } from "./receipts.js";

/** What every payload has beside its noun. Itself never in the schema: only its fields are inherited. */
@ObjectType()
export abstract class MutationPayload {
  @Field(() => [UserErrorType], {
    description: "What was wrong with the input; empty when the change was made.",
  })
  userErrors!: readonly UserErrorType[];

  @Field(() => RevisionType, {
    nullable: true,
    description:
      "The revision at which ingress nodes enforce the change (the newest one, if nodes need not know of it); null when there are user errors.",
  })
  revision!: RevisionType | null;

  @Field(() => RevisionReceiptType, {
    nullable: true,
    description:
      "Waits until ingress nodes enforce the change, and tells which do after how long; null when there are user errors. `awaitRevision` asks again later.",
  })
  async receipt(
    @NodesArg nodes: ReceiptScope,
    @TimeoutArg timeoutMs: number,
    @Ctx() ctx: RequestContext,
  ): Promise<RevisionReceiptType | null> {
    const { revision } = this;
    return revision === null ? null : awaitReceipt(ctx.receipts, revision, nodes, timeoutMs);
  }
}

/** A payload as resolvers give it: `receipt` is asked for by the client alone. */
export type Payload<T extends MutationPayload> = Omit<T, "receipt">;

/** Description of every `expectedVersion`: the lost-update rule is the same for all objects. */
export const EXPECTED_VERSION =
  "The `version` that was seen. With another one now, nothing is changed (CONFLICT); without it, the change is made whatever the version.";

/** The two common fields of a payload that hold values. */
export function payloadHead(outcome: Outcome<{ readonly revision: Revision }>): {
  readonly userErrors: readonly UserErrorType[];
  readonly revision: RevisionType | null;
} {
  return outcome.ok
    ? { userErrors: [], revision: toRevision(outcome.value.revision) }
    : { userErrors: outcome.error.map(toUserError), revision: null };
}

/** The value of a mutation that went through, mapped; null otherwise. */
export function whenOk<T, R>(outcome: Outcome<Committed<T>>, map: (value: T) => R): R | null {
  return outcome.ok ? map(outcome.value.value) : null;
}
