/** What the audit log says of a change of an integration. */
import type { UnitOfWork } from "../../unit-of-work/unit-of-work.js";
import type { Integration } from "./integration.js";

export function auditIntegration(
  scope: UnitOfWork,
  verb: "create" | "update" | "delete",
  before: Integration | null,
  after: Integration | null,
): void {
  const subject = after ?? before;
  if (subject === null) return;
  scope.audit({
    action: `integration.${verb}`,
    targetKind: "integration",
    targetId: subject.id,
    targetName: subject.name,
    subscriptionId: subject.subscriptionId,
    before: before === null ? null : auditView(before),
    after: after === null ? null : auditView(after),
  });
}

function auditView(integration: Integration): object {
  const { name, description, inboundKind, urls, method, policy, contract, credentialIds } = integration;
  return { name, description, inboundKind, urls, method, ...policy, ...contract, credentialIds };
}
