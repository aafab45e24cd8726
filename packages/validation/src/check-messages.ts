/** What a check thread and its owner tell each other. */
import type { RequestHead, RequestRefusal, RequestSchemas } from "./request-validator.js";

export type ToCheckThread =
  | {
      readonly kind: "check";
      readonly schemasId: number;
      /** Null: the thread has them. */
      readonly schemas: RequestSchemas | null;
      readonly head: RequestHead;
      /** Null: the head is to be checked. */
      readonly body: Uint8Array | null;
    }
  | { readonly kind: "forget"; readonly schemasId: number };

export type FromCheckThread =
  | { readonly kind: "ready" }
  /** The schemas of the check that runs are compiled. */
  | { readonly kind: "compiled" }
  | { readonly kind: "checked"; readonly verdict: RequestRefusal | "unusable" | null };
