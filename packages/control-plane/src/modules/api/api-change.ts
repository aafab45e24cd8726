/** Records a change of an Api for ingress nodes and for the audit log. */
import { encodeResource } from "@latchkey/snapshot";
import type { UnitOfWork } from "../../unit-of-work/unit-of-work.js";
import { type Api, type ApiWithRoutes, noComponents } from "./api.js";
import { toApiResource } from "./api-resource.js";

/** Sends nodes what they must know, if anything: a new summary alone is not. Documents follow (served-documents.ts). */
export async function recordChange(
  scope: UnitOfWork,
  before: ApiWithRoutes,
  after: ApiWithRoutes,
  contentChanged: boolean,
): Promise<void> {
  const seen = async (content: ApiWithRoutes): Promise<Uint8Array> => {
    const compared = contentChanged ? content : { ...content, routes: [], components: noComponents };
    return encodeResource(await toApiResource(compared, null)).body;
  };
  const documentStops = before.api.openapiServed && !after.api.openapiServed;
  if (documentStops || Buffer.compare(await seen(before), await seen(after)) !== 0)
    scope.upsert("api", after.api.id);
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
