/** What a check thread and its owner tell each other. */
import type { OperationSchemas } from "./operation-schemas.js";
import type { RequestHead, RequestRefusal } from "./request-validator.js";
import type { ResponseHead, ResponseIssue } from "./response-validator.js";

/** A request's head, its body, or a response's body. */
export type CheckSubject =
  | { readonly kind: "head"; readonly head: RequestHead }
  | { readonly kind: "body"; readonly head: RequestHead; readonly body: Uint8Array }
  | { readonly kind: "responseHead"; readonly head: ResponseHead }
  | { readonly kind: "response"; readonly head: ResponseHead; readonly body: Uint8Array };

export type ToCheckThread =
  | {
      readonly kind: "check";
      readonly schemasId: number;
      /** Null: the thread has them. */
      readonly schemas: OperationSchemas | null;
      /** What the schemas have elsewhere: a text that the thread has, or gets (and then keeps) with this. */
      readonly shared: { readonly id: number; readonly text: string | null } | null;
      readonly subject: CheckSubject;
    }
  | { readonly kind: "forget"; readonly schemasId: number }
  | { readonly kind: "forgetShared"; readonly sharedId: number };

/** Null: it fits. */
export type ThreadVerdict =
  | RequestRefusal
  | { readonly issues: readonly ResponseIssue[] }
  | "unusable"
  | null;

export type FromCheckThread =
  | { readonly kind: "ready" }
  /** The schemas of the check that runs are compiled. */
  | { readonly kind: "compiled" }
  | { readonly kind: "checked"; readonly verdict: ThreadVerdict };
