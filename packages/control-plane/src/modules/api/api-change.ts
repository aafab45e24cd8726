/** Records a change of an Api for ingress nodes and for the audit log. */
import { isDeepStrictEqual } from "node:util";
import { Pauses } from "@latchkey/core";
import { encodeResource } from "@latchkey/snapshot";
import type { UnitOfWork } from "../../unit-of-work/unit-of-work.js";
import { type Api, type ApiWithRoutes, noComponents } from "./api.js";
import { type CheckedOperations, checkedOperation, toApiResource, toRouteResource } from "./api-resource.js";
import { reachedSchemas } from "./shared-schemas.js";

/** Sends nodes what they must know, if anything: a new summary alone is not. Documents follow (served-documents.ts). */
export async function recordChange(
  scope: UnitOfWork,
  before: ApiWithRoutes,
  after: ApiWithRoutes,
  contentChanged: boolean,
  checked: CheckedOperations = { of: checkedOperation },
): Promise<void> {
  const documentStops = before.api.openapiServed && !after.api.openapiServed;
  if (
    documentStops ||
    !(await isSameHead(before.api, after.api)) ||
    (contentChanged && !(await isSameContent(before, after, checked)))
  )
    scope.upsert("api", after.api.id);
}

async function isSameHead(before: Api, after: Api): Promise<boolean> {
  const seen = async (api: Api): Promise<Uint8Array> =>
    encodeResource(await toApiResource({ api, routes: [], components: noComponents }, null)).body;
  return Buffer.compare(await seen(before), await seen(after)) === 0;
}

/** For nodes: routes with what they are checked by, and the shared schemas that this reaches. In short turns. */
async function isSameContent(
  before: ApiWithRoutes,
  after: ApiWithRoutes,
  checked: CheckedOperations,
): Promise<boolean> {
  if (before.routes.length !== after.routes.length) return false;
  const pauses = new Pauses();
  const operations: string[] = [];
  for (const [i, route] of after.routes.entries()) {
    await pauses.pause();
    const operation = checked.of(route);
    const was = before.routes[i]!;
    if (!isDeepStrictEqual(toRouteResource(was, checked.of(was)), toRouteResource(route, operation)))
      return false;
    if (operation !== null) operations.push(operation);
  }
  const [old, schemas] = [before.components.schemas, after.components.schemas];
  return (
    old === schemas || (await reachedSchemas(operations, old)) === (await reachedSchemas(operations, schemas))
  );
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
