/** Finds any object by its global id: the id's prefix says where to look. */
import { type IdKind, idKind } from "@latchkey/core";
import type { NodeInterface } from "../graphql/relay-node.js";
import { toApiType, toRouteType } from "../modules/api/api-graphql.js";
import { toAuditEntryType } from "../modules/audit/audit-graphql.js";
import { toCredentialType } from "../modules/credential/credential-graphql.js";
import { toIntegrationType } from "../modules/integration/integration-graphql.js";
import { toApiKeyType } from "../modules/key/api-key-graphql.js";
import { toSessionType } from "../modules/session/session-graphql.js";
import type { SessionService } from "../modules/session/session-service.js";
import { toSubscriptionType } from "../modules/subscription/subscription-graphql.js";
import { toIngressNodeType } from "../nodes/node-graphql.js";
import type { NodeRegistry } from "../nodes/node-registry.js";
import type { Services } from "../services.js";

export type ObjectFinder = (id: string) => Promise<NodeInterface | null>;

/** Finders by kind of id. */
export type ObjectFinders = { readonly [K in IdKind]?: ObjectFinder };

export function objectFinders(
  services: Services,
  nodes: Pick<NodeRegistry, "view">,
  sessions: Pick<SessionService, "find">,
): ObjectFinders {
  const { subscriptions, integrations, credentials, apis, keys, audit } = services;
  return {
    subscription: finder((id) => subscriptions.find(id), toSubscriptionType),
    integration: finder((id) => integrations.find(id), toIntegrationType),
    credential: finder((id) => credentials.find(id), toCredentialType),
    api: finder((id) => apis.find(id), toApiType),
    route: finder((id) => apis.findRoute(id), toRouteType),
    apiKey: finder((id) => keys.find(id), toApiKeyType),
    audit: finder((id) => audit.find(id), toAuditEntryType),
    node: finder(async (id) => nodes.view(id), toIngressNodeType),
    session: finder((id) => sessions.find(id), toSessionType),
  };
}

/** The object with this id, or null: for an id of no form we know as well. */
export async function findObject(finders: ObjectFinders, id: string): Promise<NodeInterface | null> {
  const kind = idKind(id);
  return kind === null ? null : ((await finders[kind]?.(id)) ?? null);
}

function finder<D>(find: (id: string) => Promise<D | null>, map: (value: D) => NodeInterface): ObjectFinder {
  return async (id) => {
    const found = await find(id);
    return found === null ? null : map(found);
  };
}
