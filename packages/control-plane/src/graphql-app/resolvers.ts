/** All resolver classes: what the schema is made of. `run.ts` makes the instances. */
import type { Clock } from "@latchkey/core";
import { MessageResolver } from "../messages/message-resolver.js";
import type { MessageTrail } from "../messages/message-trail.js";
import { ApiResolver } from "../modules/api/api-resolver.js";
import { ImportedRouteResolver } from "../modules/api/imported-route-resolver.js";
import { KeyDocumentResolver } from "../modules/api/key-document-resolver.js";
import { OpenApiResolver } from "../modules/api/openapi-resolver.js";
import { RouteResolver } from "../modules/api/route-resolver.js";
import { AuditResolver } from "../modules/audit/audit-resolver.js";
import { CredentialResolver } from "../modules/credential/credential-resolver.js";
import { IntegrationResolver } from "../modules/integration/integration-resolver.js";
import { ApiKeyResolver } from "../modules/key/api-key-resolver.js";
import { SessionResolver } from "../modules/session/session-resolver.js";
import type { SessionService } from "../modules/session/session-service.js";
import { SubscriptionResolver } from "../modules/subscription/subscription-resolver.js";
import { IntegrationHealthResolver } from "../nodes/integration-health-resolver.js";
import type { NodeModule } from "../nodes/node-module.js";
import { NodeResolver } from "../nodes/node-resolver.js";
import { RejectedResourceResolver, rejectionResolvers } from "../nodes/rejection-resolver.js";
import { rejectedByNodes } from "../nodes/rejections.js";
import type { OwnCertificate } from "../overview/attention.js";
import { ApiTrafficResolver, OverviewResolver } from "../overview/overview-resolver.js";
import type { Services } from "../services.js";
import { IntegrationUsageResolver, RouteUsageResolver } from "../traffic/recent-usage-resolver.js";
import { TrafficResolver } from "../traffic/traffic-resolver.js";
import { UsageNames } from "../traffic/usage-names.js";
import { UsageResolver } from "../traffic/usage-resolver.js";
import { UsageRowResolver } from "../traffic/usage-row-resolver.js";
import type { ObjectFinders } from "./relay-lookup.js";
import { NodeQuery, UserErrorResolver } from "./relay-query.js";
import { type ServerInfo, ServerInfoResolver } from "./server-info.js";

// biome-ignore lint/complexity/noBannedTypes: constructors of any shape.
export const resolverClasses: readonly Function[] = [
  NodeQuery,
  UserErrorResolver,
  ServerInfoResolver,
  SubscriptionResolver,
  IntegrationResolver,
  CredentialResolver,
  ApiResolver,
  RouteResolver,
  OpenApiResolver,
  KeyDocumentResolver,
  ImportedRouteResolver,
  ApiKeyResolver,
  AuditResolver,
  SessionResolver,
  NodeResolver,
  IntegrationHealthResolver,
  RejectedResourceResolver,
  ...rejectionResolvers,
  TrafficResolver,
  UsageResolver,
  UsageRowResolver,
  RouteUsageResolver,
  IntegrationUsageResolver,
  MessageResolver,
  OverviewResolver,
  ApiTrafficResolver,
];

export interface ResolverDeps {
  readonly services: Services;
  readonly finders: ObjectFinders;
  readonly server: ServerInfo;
  readonly nodes: NodeModule;
  readonly messages: MessageTrail;
  readonly clock: Clock;
  readonly sessions: SessionService;
  /** That the control plane presents; none by default. */
  readonly certificates?: () => readonly OwnCertificate[];
}

export function createResolvers({
  services,
  finders,
  server,
  nodes,
  messages,
  clock,
  sessions,
  certificates = () => [],
}: ResolverDeps): readonly object[] {
  return [
    new NodeQuery(finders),
    new UserErrorResolver(finders),
    new ServerInfoResolver(server, { audit: services.audit, clock }),
    new SubscriptionResolver(services),
    new IntegrationResolver(services),
    new CredentialResolver(services),
    new ApiResolver(services),
    new RouteResolver(services),
    new OpenApiResolver(services),
    new KeyDocumentResolver(services),
    new ImportedRouteResolver(),
    new ApiKeyResolver({ keys: services.keys, usage: nodes.usage.keys }),
    new AuditResolver(services),
    new SessionResolver({ sessions }),
    new NodeResolver(nodes),
    new IntegrationHealthResolver(nodes),
    new RejectedResourceResolver(),
    ...rejectionResolvers.map((RejectionResolver) => new RejectionResolver(nodes)),
    new TrafficResolver(nodes),
    new RouteUsageResolver(),
    new IntegrationUsageResolver(),
    new UsageResolver({
      usage: nodes.usage,
      names: new UsageNames({ ...services, registry: nodes.registry }),
      registry: nodes.registry,
      clock,
    }),
    new UsageRowResolver({ rows: nodes.usage.rows, registry: nodes.registry, clock }),
    new MessageResolver({ messages }),
    new OverviewResolver({
      clock,
      keys: services.keys,
      integrations: services.integrations,
      apis: services.apis,
      credentials: services.credentials,
      usage: nodes.usage.reader,
      certificates,
      impaired: () => nodes.registry.impairedIntegrations(),
      rejected: () => rejectedByNodes([...nodes.registry.nodes()].map(({ rejections }) => rejections)),
    }),
    new ApiTrafficResolver(),
  ];
}
