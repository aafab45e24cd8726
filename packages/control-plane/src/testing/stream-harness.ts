/**
 * The stream over real SQLite and real gRPC on loopback, for tests and benches, with resources that are only bytes.
 * Their rows lie in a table of its own beside the product's, so that a test can say exactly what changes.
 */
import { type Clock, systemClock } from "@latchkey/core";
import { createLogger, createMetrics } from "@latchkey/observe";
import type { ResourceKind, ResourceRecord, ResourceRef, Revision } from "@latchkey/snapshot";
import { SimulatedNode, type SimulatedNodeOptions } from "@latchkey/testkit";
import { sql } from "kysely";
import { MEMORY, openDatabase } from "../db/open.js";
import type { Db } from "../db/schema.js";
import { writeTransaction } from "../db/transaction.js";
import { createNodeRegistry, type NodeRegistry } from "../nodes/node-registry.js";
import { NodeService } from "../nodes/node-service.js";
import { Receipts } from "../receipts/receipts.js";
import { SqlChangeLog } from "../snapshot/change-log.js";
import { EpochGuard } from "../snapshot/epoch-guard.js";
import type { UsageReport } from "../snapshot/node-observer.js";
import type { LoadedResources, ResourceSource } from "../snapshot/ports.js";
import { type SnapshotServer, type SnapshotServerOptions } from "../snapshot/snapshot-server.js";
import { startSnapshotServer } from "../snapshot/snapshot-service.js";
import { UnitOfWorkRunner } from "../unit-of-work/unit-of-work.js";

export interface TestChange {
  readonly kind?: ResourceKind;
  readonly id: string;
  /** Null removes. */
  readonly body: string | Uint8Array | null;
  readonly revocation?: boolean;
}

export interface HarnessOptions {
  readonly path?: string;
  readonly clock?: Clock;
  readonly changeLogRowsMax?: number;
  readonly server?: Partial<SnapshotServerOptions>;
}

export interface TestNode {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

const context = { principal: { actor: "test", via: "internal" }, requestId: null } as const;
const PAGE_ROWS = 500;

export class StreamHarness implements AsyncDisposable {
  readonly db: Db;
  readonly clock: Clock;
  readonly #options: HarnessOptions;
  readonly #connected = new Set<SimulatedNode>();
  readonly usage: { readonly nodeId: string; readonly report: UsageReport }[] = [];
  readonly refused: { readonly peer: string; readonly claimedNode: string | null }[] = [];
  changeLog!: SqlChangeLog;
  source!: TestSource;
  registry!: NodeRegistry;
  receipts!: Receipts;
  nodes!: NodeService;
  server!: SnapshotServer;
  #nodeCount = 0;
  /** Kept over restarts, so that nodes find the server again. */
  #port = 0;

  static async start(options: HarnessOptions = {}): Promise<StreamHarness> {
    const clock = options.clock ?? systemClock;
    const db = await openDatabase({ path: options.path ?? MEMORY, clock });
    await sql`create table if not exists test_resource (kind text, id text, body blob, primary key (kind, id)) without rowid`.execute(
      db,
    );
    const harness = new StreamHarness(db, clock, options);
    await harness.#boot();
    return harness;
  }

  private constructor(db: Db, clock: Clock, options: HarnessOptions) {
    this.db = db;
    this.clock = clock;
    this.#options = options;
  }

  get address(): string {
    return `127.0.0.1:${this.server.port}`;
  }

  /** One transaction, as a mutation would do it. */
  async change(...changes: readonly TestChange[]): Promise<Revision> {
    const revision = await writeTransaction(this.db, async (trx) => {
      for (const { kind = "api", id, body } of changes) {
        if (body === null)
          await sql`delete from test_resource where kind = ${kind} and id = ${id}`.execute(trx);
        else
          await sql`insert into test_resource values (${kind}, ${id}, ${Buffer.from(body as string)})
            on conflict do update set body = excluded.body`.execute(trx);
      }
      return this.changeLog.append(
        trx,
        changes.map(({ kind = "api", id, body, revocation = false }) => ({
          kind,
          id,
          op: body === null ? ("remove" as const) : ("upsert" as const),
          revocation,
        })),
      );
    });
    this.changeLog.committed(revision);
    return revision;
  }

  /** Registers a node. */
  async register(name = `node-${++this.#nodeCount}`): Promise<TestNode> {
    const outcome = await this.nodes.create(context, { name });
    if (!outcome.ok) throw new Error(outcome.error[0]?.message);
    const { node, token } = outcome.value.value;
    return { id: node.id, name: node.name, token };
  }

  async unregister(node: TestNode): Promise<void> {
    await this.nodes.delete(context, { id: node.id });
  }

  async regenerateToken(node: TestNode): Promise<TestNode> {
    const outcome = await this.nodes.regenerateToken(context, { id: node.id });
    if (!outcome.ok) throw new Error(outcome.error[0]?.message);
    return { ...node, token: outcome.value.value.token };
  }

  /** A simulated node that is connected already; closed with the harness. */
  connect(node: TestNode, options: Partial<SimulatedNodeOptions> = {}): SimulatedNode {
    const simulated = new SimulatedNode({
      address: this.address,
      nodeId: node.id,
      token: node.token,
      ...options,
    });
    this.#connected.add(simulated);
    simulated.connect();
    return simulated;
  }

  /** A registered and connected node that holds everything there is. */
  async join(options: Partial<SimulatedNodeOptions> = {}): Promise<SimulatedNode> {
    const simulated = this.connect(await this.register(), options);
    await simulated.until((node) => node.revision !== null);
    return simulated;
  }

  /** Ends server and registry and starts them again over the same database and on the same port. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#boot();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#connected) node.close();
    await this.#stop();
    await this.db.destroy();
  }

  async #boot(): Promise<void> {
    const { db, clock } = this;
    const logger = createLogger({ name: "test", level: "silent" });
    this.changeLog = new SqlChangeLog({
      clock,
      ...(this.#options.changeLogRowsMax === undefined ? {} : { rowsMax: this.#options.changeLogRowsMax }),
    });
    this.source = new TestSource(db, this.changeLog);
    this.registry = await createNodeRegistry({
      db,
      changeLog: this.changeLog,
      clock,
      logger,
      usage: { usage: ({ nodeId }, report) => this.usage.push({ nodeId, report }), silent: () => {} },
      onRefused: (entry) => this.refused.push(entry),
    });
    this.receipts = new Receipts(this.registry);
    const units = new UnitOfWorkRunner({ db, changeLog: this.changeLog, source: this.source, clock });
    this.nodes = new NodeService({
      db,
      units,
      registry: this.registry,
      onRemoved: async () => undefined,
    });
    this.server = await startSnapshotServer({
      db,
      changeLog: this.changeLog,
      source: this.source,
      observer: this.registry,
      epochs: new EpochGuard({ units, clock, logger }),
      keyGrants: { grantNumber: 0, grantTo: async () => null },
      clock,
      logger,
      metrics: createMetrics(),
      host: "127.0.0.1",
      port: this.#port,
      ...this.#options.server,
    });
    this.#port = this.server.port;
  }

  async #stop(): Promise<void> {
    await this.server.close(1_000);
    await this.registry[Symbol.asyncDispose]();
  }
}

class TestSource implements ResourceSource {
  readonly #db: Db;
  readonly #log: SqlChangeLog;
  /** Runs between two slices of `loadAll`, for tests of what changes meanwhile. */
  betweenSlices: () => Promise<void> = async () => {};

  constructor(db: Db, log: SqlChangeLog) {
    this.#db = db;
    this.#log = log;
  }

  revision(trx: Db = this.#db): Promise<Revision> {
    return this.#log.revision(trx);
  }

  async *loadAll(): AsyncGenerator<readonly ResourceRecord[]> {
    let last: ResourceRef = { kind: "", id: "" };
    for (;;) {
      const { rows } = await sql<ResourceRecord>`select kind, id, body from test_resource
        where (kind, id) > (${last.kind}, ${last.id}) order by kind, id limit ${PAGE_ROWS}`.execute(this.#db);
      const end = rows.at(-1);
      if (end === undefined) return;
      yield rows;
      last = end;
      await this.betweenSlices();
    }
  }

  async load(refs: readonly ResourceRef[], trx: Db): Promise<LoadedResources> {
    const records: ResourceRecord[] = [];
    for (const { kind, id } of refs) {
      const { rows } = await sql<ResourceRecord>`select kind, id, body from test_resource
        where kind = ${kind} and id = ${id}`.execute(trx);
      records.push(...rows);
    }
    return { revision: await this.revision(trx), records: async () => records };
  }
}
