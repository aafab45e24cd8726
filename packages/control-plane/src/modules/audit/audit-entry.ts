/** One line of the audit log: who did what to what, and what it was before and after. Written by `UnitOfWorkRunner` only. */
import type { Revision } from "@latchkey/snapshot";

/** What the audit log can be about. */
const auditTargetKinds = [
  "api",
  "apiKey",
  "integration",
  "credential",
  "subscription",
  "node",
  "session",
  "access",
  "database",
] as const;
export type AuditTargetKind = (typeof auditTargetKinds)[number];

export interface AuditEntry {
  readonly id: string;
  readonly atMs: number;
  readonly actor: string;
  /** `api.update` */
  readonly action: string;
  readonly targetKind: AuditTargetKind;
  readonly targetId: string;
  readonly targetName: string;
  readonly subscriptionId: string | null;
  /** Without secrets. */
  readonly before: object | null;
  readonly after: object | null;
  readonly revision: Revision | null;
  readonly requestId: string | null;
  /** Of the client. */
  readonly address: string | null;
}
