/** Records a change of an Api for ingress nodes and for the audit log. */
import { encodeResource } from "@latchkey/snapshot";
import type { UnitOfWork } from "../../unit-of-work/unit-of-work.js";
import { type Api, type ApiWithRoutes, noComponents } from "./api.js";
import { toApiResource } from "./api-resource.js";
import type { ContentDifference } from "./content-difference.js";

/** Sends nodes what they must know, if anything: a new summary alone is not. Documents follow (served-documents.ts). */
export async function recordChange(
  scope: UnitOfWork,
  before: Api,
  after: Api,
  { isSameForNodes }: ContentDifference,
): Promise<void> {
  const documentStops = before.openapiServed && !after.openapiServed;
  if (documentStops || !isSameForNodes || !(await isSameHead(before, after))) scope.upsert("api", after.id);
}

async function isSameHead(before: Api, after: Api): Promise<boolean> {
  const seen = async (api: Api): Promise<Uint8Array> =>
    encodeResource(await toApiResource({ api, routes: [], components: noComponents }, null)).body;
  return Buffer.compare(await seen(before), await seen(after)) === 0;
}

export function audit(
  scope: UnitOfWork,
  verb: "create" | "update" | "delete",
  before: ApiWithRoutes | null,
  after: ApiWithRoutes | null,
): void {
  const subject = after ?? before;
  if (subject === null) return;
  scope.audit({
    action: `api.${verb}`,
    targetKind: "api",
    targetId: subject.api.id,
    targetName: subject.api.title,
    subscriptionId: subject.api.subscriptionId,
    before: before === null ? null : auditView(before),
    after: after === null ? null : auditView(after),
  });
}

const auditedFields = [
  "title",
  "summary",
  "subscriptionId",
  "versionLabel",
  "recoverable",
  "bearerRequired",
  "openapiServed",
  "cors",
  "ipRules",
  "owner",
  "labels",
  "metadata",
  "rateLimit",
  "quota",
  "recording",
] as const satisfies readonly (keyof Api)[];

function auditView({ api, routes }: ApiWithRoutes): object {
  return {
    ...Object.fromEntries(auditedFields.map((name) => [name, api[name]])),
    routes: routes.map(({ method, pattern, integrationId, headerRules, requestBodyBytesMax, ...route }) => ({
      method,
      path: pattern,
      integrationId,
      ...(headerRules.request.length + headerRules.response.length > 0 && { headerRules }),
      ...(requestBodyBytesMax > 0 && { requestBodyBytesMax }),
      ...(route.rateLimit !== null && { rateLimit: route.rateLimit }),
      ...(route.quota !== null && { quota: route.quota }),
    })),
  };
}
