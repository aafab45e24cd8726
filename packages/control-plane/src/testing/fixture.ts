/** For tests only: the whole GraphQL side on a real database in memory, without a network. */
import { randomBytes } from "node:crypto";
import type { ApolloServer } from "@apollo/server";
import { FakeClock, newId } from "@latchkey/core";
import { createLogger, createMetrics } from "@latchkey/observe";
import type { ThreadLimits } from "@latchkey/openapi";
import type { ResourceRecord } from "@latchkey/snapshot";
import { decodeResource, type Resource, resourceSet, SecretCipher } from "@latchkey/snapshot";
import { Authenticator } from "../auth/authenticator.js";
import { MEMORY, openDatabase } from "../db/open.js";
import type { Db } from "../db/schema.js";
import { GraphqlMetrics } from "../graphql/graphql-metrics.js";
import type { GraphqlLimits } from "../graphql/limits.js";
import { startGraphqlServer } from "../graphql/server.js";
import { LiveQueries } from "../graphql-app/live-queries.js";
import { createLoaders } from "../graphql-app/loaders.js";
import { objectFinders } from "../graphql-app/relay-lookup.js";
import type { RequestContext } from "../graphql-app/request-context.js";
import { createResolvers } from "../graphql-app/resolvers.js";
import { instancesOf } from "../graphql-app/schema.js";
import { openMessagesFile } from "../messages/message-database.js";
import { MessageMetrics } from "../messages/message-metrics.js";
import { MessageTrail } from "../messages/message-trail.js";
import { OpenApiDocuments } from "../modules/api/api-document.js";
import { UpstreamAllowList } from "../modules/integration/upstream-url.js";
import { type OpenedSession, SessionService } from "../modules/session/session-service.js";
import { createNodeModule, type NodeModule } from "../nodes/node-module.js";
import { createServices, type Services } from "../services.js";
import { SqlChangeLog } from "../snapshot/change-log.js";
import { openMemoryDatabase } from "./memory-database.js";
import { PooledSchema } from "./schema-pool.js";

export const testLimits: GraphqlLimits = {
  depthMax: 15,
  aliasesMax: 50,
  rootFieldsMax: 20,
  tokensMax: 2000,
  costMax: 20_000,
};

/** Setting up may take long on a machine that is busy with other things. */
export const SETUP_MS_MAX = 240_000;

const tokens = new Authenticator([{ name: "admin", digest: Buffer.alloc(32, 1) }]);

/** Longest life of a session; a twelfth of it without use ends one. */
export const SESSION_MS = 12 * 3_600_000;

export interface FixtureOptions {
  readonly withoutEncryptionKey?: boolean;
  readonly allow?: readonly string[];
  readonly limits?: Partial<GraphqlLimits>;
  readonly path?: string;
  /** Instead of one in memory; closed with the fixture. */
  readonly db?: Db;
  /** Several control planes share the database. */
  readonly isShared?: boolean;
  readonly introspection?: boolean;
  readonly threadLimits?: Partial<ThreadLimits>;
  readonly servedBytesMax?: number;
}

/** Any JSON value: tests know the shape of what they query. */
export type Json = ReturnType<typeof JSON.parse>;

interface FixtureParts {
  readonly db: Db;
  readonly clock: FakeClock;
  readonly changeLog: SqlChangeLog;
  readonly services: Services;
  readonly schema: PooledSchema;
  readonly server: ApolloServer<RequestContext>;
  readonly nodes: NodeModule;
  readonly messages: MessageTrail;
  readonly sessions: SessionService;
  readonly logLines: string[];
}

export class Fixture implements AsyncDisposable {
  readonly db: Db;
  readonly clock: FakeClock;
  readonly changeLog: SqlChangeLog;
  readonly services: Services;
  readonly server: ApolloServer<RequestContext>;
  readonly nodes: NodeModule;
  readonly messages: MessageTrail;
  readonly sessions: SessionService;
  readonly logLines: string[];
  readonly #schema: PooledSchema;

  private constructor(parts: FixtureParts) {
    this.#schema = parts.schema;
    this.db = parts.db;
    this.clock = parts.clock;
    this.changeLog = parts.changeLog;
    this.services = parts.services;
    this.server = parts.server;
    this.nodes = parts.nodes;
    this.messages = parts.messages;
    this.sessions = parts.sessions;
    this.logLines = parts.logLines;
  }

  static async start(options: FixtureOptions = {}): Promise<Fixture> {
    const clock = new FakeClock();
    const { path } = options;
    const db =
      options.db ??
      (path === undefined ? await openMemoryDatabase(clock) : await openDatabase({ path, clock }));
    const changeLog = new SqlChangeLog({ clock });
    const logLines: string[] = [];
    const logger = createLogger({ name: "test", stream: { write: (line: string) => logLines.push(line) } });
    const cipher = new SecretCipher(options.withoutEncryptionKey === true ? [] : [randomBytes(32)]);
    const services = createServices({
      db,
      clock,
      logger,
      changeLog,
      cipher,
      allow: new UpstreamAllowList(options.allow ?? []),
      lookup: (hostname, _options, callback) => {
        if (hostname === "127.0.0.1") callback(null, [{ address: hostname, family: 4 }]);
        else callback(Object.assign(new Error(`no ${hostname} in tests`), { code: "ENOTFOUND" }), []);
      },
      documents: new OpenApiDocuments({ ingressUrl: "https://api.example", keyHeader: "Connxio-Api-Key" }),
      threadLimits: options.threadLimits ?? {},
      ...(options.servedBytesMax !== undefined && { servedBytesMax: options.servedBytesMax }),
    });
    const messages = new MessageTrail({
      database: await openMessagesFile(MEMORY, clock, logger),
      clock,
      logger,
      metrics: new MessageMetrics(createMetrics()),
      cipher,
      days: 7,
      rowsMax: 1_000,
    });
    const nodes = await createNodeModule({
      db,
      changeLog,
      units: services.units,
      clock,
      logger,
      isShared: options.isShared ?? false,
      saveKeysUsed: (lastUsedAtMs) => services.keys.saveLastUsed(lastUsedAtMs),
      onUsage: (node, report) => messages.record(node, report),
      onNodeRemoved: (scope) => services.credentials.encryptAgain(scope),
    });
    const sessions = new SessionService({
      db,
      units: services.units,
      clock,
      logger,
      tokens,
      lifetimeMs: SESSION_MS,
      idleMs: SESSION_MS / 12,
    });
    const resolvers = createResolvers({
      services,
      nodes,
      messages,
      clock,
      sessions,
      finders: objectFinders(services, nodes.registry, sessions),
      server: {
        version: "0.0.0",
        ingressUrl: null,
        keyHeader: "Connxio-Api-Key",
        webhookFlag: "Connxio-Api-Webhook",
        canRecover: options.withoutEncryptionKey !== true,
      },
    });
    const schema = PooledSchema.take({
      instances: instancesOf(resolvers),
      pubSub: new LiveQueries({ ...nodes, messages }),
    });
    const server = await startGraphqlServer<RequestContext>({
      schema: schema.schema,
      limits: { ...testLimits, ...options.limits },
      introspection: options.introspection ?? true,
      persistedQueries: false,
      logger,
      metrics: new GraphqlMetrics(createMetrics()),
    });
    return new Fixture({
      db,
      clock,
      changeLog,
      services,
      schema,
      server,
      nodes,
      messages,
      sessions,
      logLines,
    });
  }

  /** Runs an operation as `admin`; throws on errors at the top. */
  async run(query: string, variables: Record<string, unknown> = {}): Promise<Json> {
    const { data, errors } = await this.raw(query, variables);
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  }

  async raw(
    query: string,
    variables: Record<string, unknown> = {},
    idempotencyKey: string | null = null,
    actor = "admin",
  ): Promise<{ data: Json; errors: Json }> {
    const contextValue: RequestContext = {
      principal: { actor, via: "token" },
      requestId: "req-1",
      loaders: createLoaders(this.services, this.nodes.usage.recent),
      receipts: this.nodes.receipts,
      idempotencyKey,
    };
    const { body } = await this.server.executeOperation({ query, variables }, { contextValue });
    if (body.kind !== "single") throw new Error("an incremental response");
    // Over the wire it would be JSON as well.
    const { data, errors } = JSON.parse(JSON.stringify(body.singleResult)) as {
      data: Json;
      errors: Json;
    };
    return { data, errors };
  }

  /** A mutation with one input; gives its payload. */
  async mutate(name: string, input: Record<string, unknown>, selection: string): Promise<Json> {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const data = await this.run(
      `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} userErrors { field code message currentVersion current { id } } revision { epoch number } } }`,
      { input },
    );
    return data[name];
  }

  async subscription(name = "Acme"): Promise<string> {
    return (await this.mutate("createSubscription", { name }, "subscription { id }")).subscription.id;
  }

  async integration(subscriptionId: string, more: Record<string, unknown> = {}): Promise<string> {
    const input = { subscriptionId, name: "Orders", urls: ["https://orders.example/in"], ...more };
    const payload = await this.mutate("createIntegration", input, "integration { id }");
    if (payload.integration === null) throw new Error(JSON.stringify(payload.userErrors));
    return payload.integration.id;
  }

  async api(subscriptionId: string, more: Record<string, unknown> = {}): Promise<Json> {
    const input = { subscriptionId, title: "Orders API", ...more };
    const payload = await this.mutate(
      "createApi",
      input,
      "api { id version title routes { id method path } } key { id version display } secret",
    );
    if (payload.api === null) throw new Error(JSON.stringify(payload.userErrors));
    return payload;
  }

  /** Signs `admin` in. */
  async openSession(address = "192.0.2.7"): Promise<OpenedSession> {
    const outcome = await this.sessions.open({
      actor: "admin",
      binding: tokens.bindings[0] as Buffer,
      address,
      userAgent: "Browser",
      requestId: "req-1",
    });
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
    return outcome.value.value;
  }

  /** Everything nodes would know now, decoded, by `kind/id`. */
  async resources(): Promise<Map<string, Resource>> {
    const records: ResourceRecord[] = [];
    for await (const slice of this.services.source.loadAll()) records.push(...slice);
    const decoded = new Map<string, Resource>();
    for (const [name, record] of resourceSet(records)) {
      const resource = decodeResource(record);
      if (!resource.ok) throw new Error(resource.error.reason);
      decoded.set(name, resource.value);
    }
    return decoded;
  }

  /** The change log's rows of the newest revision, as `op kind/id` with `!` for revocations. */
  async lastChanges(): Promise<string[]> {
    const { epoch, number } = await this.services.source.revision();
    const rows = await this.db
      .selectFrom("change_log")
      .selectAll()
      .where("epoch", "=", epoch)
      .where("number", "=", number)
      .orderBy("ordinal")
      .execute();
    return rows.map((row) => `${row.op} ${row.kind}/${row.resource_id}${row.revocation === 1 ? " !" : ""}`);
  }

  async revision(): Promise<number> {
    return (await this.services.source.revision()).number;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    await this.nodes[Symbol.asyncDispose]();
    await this.messages[Symbol.asyncDispose]();
    await this.db.destroy();
    this.#schema.release();
  }
}

export function unknownId(kind: "api" | "route" | "integration" | "apiKey" | "subscription"): string {
  return newId(kind);
}
