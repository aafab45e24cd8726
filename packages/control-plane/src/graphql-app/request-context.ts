/** What a resolver knows of the request it works for. Made by the transport after authentication, one a request. */
import type { Principal } from "../auth/principal.js";
import type { OperationContext } from "../graphql/server.js";
import type { Receipts } from "../receipts/receipts.js";
import type { WorkContext } from "../unit-of-work/unit-of-work.js";
import type { Loaders } from "./loaders.js";

export interface RequestContext extends OperationContext {
  readonly principal: Principal;
  /** Look-ups of this request, merged and remembered. */
  readonly loaders: Loaders;
  /** Which nodes enforce what; asked by every payload. */
  readonly receipts: Pick<Receipts, "wait">;
}

export function workContext(ctx: RequestContext): WorkContext {
  return { principal: ctx.principal, requestId: ctx.requestId, idempotencyKey: ctx.idempotencyKey ?? null };
}
