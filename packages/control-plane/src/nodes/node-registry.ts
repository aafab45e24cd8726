/**
 * All nodes with what is known of them now. Receives the reports of streams, authenticates nodes, and writes sightings to the
 * database in batches. The only owner of live node state; sends nothing to nodes.
 */
import { Pauses } from "@latchkey/core";
import type { Revision } from "@latchkey/snapshot";
import { writeTransaction } from "../db/transaction.js";
import type { Mailbox } from "../pub-sub/mailbox.js";
import type {
  AckReport,
  HealthReport,
  NackReport,
  NodeObserver,
  NodeSession,
  RejectedReport,
  SessionEnd,
  UsageReport,
} from "../snapshot/node-observer.js";
import {
  type ImpairedIntegration,
  type IntegrationUrls,
  impairedIntegrations,
  type NodeUrls,
  nodeUrls,
} from "./integration-health.js";
import { type Instant, LiveNode } from "./live-node.js";
import type { NodeView, RegisteredNode } from "./node.js";
import { NodeChanges } from "./node-changes.js";
import {
  type NodeGap,
  type NodeRegistryOptions,
  type RegistryEvent,
  type UsageCursor,
} from "./node-registry-options.js";
import { findAllNodes, findRejections, saveSighting } from "./node-store.js";
import { nodeTokenDigest } from "./node-token.js";
import { RevisionTimes } from "./revision-times.js";

/** Sightings are written this often. Each writing is an fsync, so one process alone does it seldom. */
const SYNC_INTERVAL_MS = 30_000;
/**
 * The first connection of a node's process is written sooner: after a crash, or with a backup from then, receipts count the node,
 * and its process is not taken for another one that came after a gap.
 */
const FIRST_SYNC_MS = 250;
/**
 * Several processes on one database read each other's rows this often: a receipt has to know what nodes of the others
 * confirmed, and a token that another one has replaced ends its stream within two seconds.
 */
const SHARED_SYNC_INTERVAL_MS = 1_000;
/** When a node was last heard is written no more often than this; nodes count as silent after 15 s. */
const LAST_SEEN_INTERVAL_MS = 5_000;

export class NodeRegistry implements NodeObserver, AsyncDisposable {
  readonly #options: NodeRegistryOptions;
  readonly #nodes = new Map<string, LiveNode>();
  /** Hex digest of a token → node id. */
  readonly #tokens = new Map<string, string>();
  readonly #times: RevisionTimes;
  readonly #listeners = new Set<(event: RegistryEvent) => void>();
  readonly #changes: NodeChanges;
  readonly #stopFollowing: () => void;
  readonly #syncTimer: NodeJS.Timeout;
  #firstSyncTimer: NodeJS.Timeout | null = null;
  #syncing: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** Grows with every change to the set of nodes or their tokens. */
  #generation = 0;

  /** Reads all nodes. @throws StorageError */
  static async open(options: NodeRegistryOptions): Promise<NodeRegistry> {
    const revision = await options.changeLog.revision(options.db);
    const registry = new NodeRegistry(options, revision);
    const rows = await findAllNodes(options.db);
    for (const node of rows) registry.#add(node);
    await registry.#readRejections(rows);
    return registry;
  }

  private constructor(options: NodeRegistryOptions, revision: Revision) {
    this.#options = options;
    this.#times = new RevisionTimes(revision, options.clock.monotonicMs());
    this.#stopFollowing = options.changeLog.onCommit((commit) => this.published(commit.revision));
    this.#changes = new NodeChanges(() => {
      const at = this.#now();
      return [...this.#nodes].map(([nodeId, live]) => [nodeId, live.view(this.#times, at).status]);
    });
    const syncIntervalMs = options.isShared === true ? SHARED_SYNC_INTERVAL_MS : SYNC_INTERVAL_MS;
    this.#syncTimer = setInterval(() => void this.sync(), syncIntervalMs).unref();
  }

  /** The newest committed revision that this process knows of. */
  get newest(): Revision {
    return this.#times.newest;
  }

  /** When a revision was committed (monotonic); null when that was before our time. */
  committedAtMs(revision: Revision): number | null {
    return revision.epoch === this.newest.epoch ? this.#times.committedAtMs(revision.number) : null;
  }

  published(revision: Revision): void {
    this.#times.note(revision, this.#options.clock.monotonicMs());
  }

  views(): readonly NodeView[] {
    const at = this.#now();
    return [...this.#nodes.values()]
      .map((node) => node.view(this.#times, at))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  view(nodeId: string): NodeView | null {
    return this.#nodes.get(nodeId)?.view(this.#times, this.#now()) ?? null;
  }

  /** Nodes of which nothing is heard now; one node, or all. */
  silences(nodeId: string | null): readonly NodeGap[] {
    const at = this.#now();
    return [...this.#nodes.values()]
      .filter(({ node }) => nodeId === null || node.id === nodeId)
      .flatMap((live) => {
        const silence = live.silence(at);
        return silence === null ? [] : [{ nodeId: live.node.id, nodeName: live.node.name, ...silence }];
      });
  }

  /** The name of a node, or null when there is none with this id. */
  nameOf(nodeId: string): string | null {
    return this.#nodes.get(nodeId)?.node.name ?? null;
  }

  /** The URLs of an integration on each node that was connected once, by the node's name. */
  integrationHealth(integration: IntegrationUrls): readonly NodeUrls[] {
    const at = this.#now();
    return [...this.#nodes.values()]
      .filter(({ isSeen }) => isSeen)
      .map((live) => nodeUrls(live.node, live.impaired(at), integration))
      .sort((a, b) => (a.nodeName < b.nodeName ? -1 : 1));
  }

  /** Integrations with URLs that get no requests, and on how many nodes: those on most nodes first. */
  impairedIntegrations(): readonly ImpairedIntegration[] {
    const at = this.#now();
    return impairedIntegrations([...this.#nodes.values()].map((live) => live.impaired(at)));
  }

  /** All nodes there are, in no promised order. */
  nodes(): Iterable<LiveNode> {
    return this.#nodes.values();
  }

  get nodeCount(): number {
    return this.#nodes.size;
  }

  /** Calls `listener` at each event. Returns what ends it. */
  onEvent(listener: (event: RegistryEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ids of all nodes, then of those that changed, gathered over a quarter of a second. @throws TooManyListeners */
  watch(): Mailbox<readonly string[]> {
    return this.#changes.watch();
  }

  /** After the row was written. */
  added(node: RegisteredNode): void {
    this.#add(node);
  }

  /** After the row was deleted: the token is worth nothing any more, and the stream ends. */
  removed(nodeId: string): void {
    const live = this.#nodes.get(nodeId);
    if (live === undefined) return;
    this.#generation++;
    this.#forgetToken(live.node);
    this.#nodes.delete(nodeId);
    live.close("revoked");
    this.#emit({ kind: "removed", nodeId });
    this.#changes.touch(nodeId);
  }

  /** After the row got another token: who came with the old one has to go. */
  tokenChanged(node: RegisteredNode): void {
    const live = this.#nodes.get(node.id);
    if (live === undefined) return;
    this.#generation++;
    this.#forgetToken(live.node);
    live.refresh(node, this.#options.clock.monotonicMs());
    this.#rememberToken(node);
    live.close("revoked");
  }

  authenticate(token: string): string | null {
    // Looked up by digest, so that time tells nothing of any token.
    return this.#tokens.get(nodeTokenDigest(token).toString("hex")) ?? null;
  }

  isCalled(nodeId: string, claimed: string): boolean {
    return claimed === nodeId || claimed === this.#nodes.get(nodeId)?.node.name;
  }

  refused(peer: string, claimedNode: string | null): void {
    this.#options.onRefused?.({ peer, claimedNode });
  }

  opened(session: NodeSession): void {
    const live = this.#nodes.get(session.nodeId);
    if (live === undefined) {
      session.close("revoked");
      return;
    }
    const isFirst = !live.isSeen;
    const isNewProcess = live.instanceId !== session.instanceId;
    const at = this.#now();
    const silence = live.opened(session, at);
    if (silence !== null) this.#options.usage.silent(session.nodeId, silence.fromMs, at.wallMs);
    if (isFirst) this.#emit({ kind: "seen", node: live });
    if (isNewProcess)
      this.#firstSyncTimer ??= setTimeout(() => {
        this.#firstSyncTimer = null;
        void this.sync();
      }, FIRST_SYNC_MS).unref();
    this.#changes.touch(session.nodeId);
  }

  closed(session: NodeSession, why: SessionEnd): void {
    this.#nodes.get(session.nodeId)?.closed(session, why);
    this.#changes.touch(session.nodeId);
  }

  heard(nodeId: string): void {
    this.#nodes.get(nodeId)?.heard(this.#now());
  }

  acked(nodeId: string, report: AckReport): void {
    const live = this.#nodes.get(nodeId);
    if (live === undefined) return;
    live.acknowledged(report, this.#now());
    if (!report.digestMatches)
      this.#options.logger.warn(
        { node: live.node.name, revision: report.revision.number },
        "a node holds something else than it should",
      );
    this.#emit({ kind: "acked", node: live });
    this.#changes.touch(nodeId);
  }

  nacked(nodeId: string, report: NackReport): void {
    this.#nodes.get(nodeId)?.refused(report, this.#now());
    this.#changes.touch(nodeId);
  }

  rejected(nodeId: string, rejected: readonly RejectedReport[]): void {
    this.#nodes.get(nodeId)?.rejects(rejected, this.#now());
    this.#changes.touch(nodeId);
  }

  health(nodeId: string, report: HealthReport): void {
    this.#nodes.get(nodeId)?.reported(report);
    this.#changes.touch(nodeId);
  }

  usage(nodeId: string, report: UsageReport): void {
    const live = this.#nodes.get(nodeId);
    if (live === undefined) return;
    const { node, instanceId, isDraining } = live;
    this.#options.usage.usage(
      { nodeId, nodeName: node.name, instanceId, isDraining },
      report,
      live.latencyBoundsUs,
    );
  }

  /** The process's batches of usage up to the number are in the database. */
  usageStored({ nodeId, instanceId, sequence }: UsageCursor): void {
    this.#nodes.get(nodeId)?.usageStored(instanceId, sequence);
  }

  /** Writes sightings and takes over what other processes wrote. Never throws: the next round tries again. */
  sync(): Promise<void> {
    this.#syncing = this.#syncing
      .then(() => this.#sync())
      .catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, "cannot write what was seen of nodes");
      });
    return this.#syncing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopFollowing();
    clearInterval(this.#syncTimer);
    if (this.#firstSyncTimer !== null) clearTimeout(this.#firstSyncTimer);
    this.#changes.close();
    await this.sync();
  }

  /** Reads first: a writer may have to wait for its turn, and a replaced token must not. */
  async #sync(): Promise<void> {
    if (!this.#isClosed) await this.#read();
    const { db, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const lastSeenIntervalMs = this.#isClosed ? 0 : LAST_SEEN_INTERVAL_MS;
    const nodes = [...this.#nodes.values()];
    const sightings = nodes.flatMap((node) => node.takeSighting(nowMs, lastSeenIntervalMs) ?? []);
    if (sightings.length === 0) return;
    try {
      await writeTransaction(db, async (trx) => {
        const pauses = new Pauses();
        for (const sighting of sightings) {
          await saveSighting(trx, sighting);
          await pauses.pause();
        }
      });
    } catch (error) {
      for (const { id } of sightings) this.#nodes.get(id)?.giveBackSighting();
      throw error;
    }
  }

  /** Takes over what other processes wrote. */
  async #read(): Promise<void> {
    const generation = this.#generation;
    const { db, clock } = this.#options;
    const rows = await findAllNodes(db);
    // Who was changed here in the meantime is newer than what was read; the next round settles the rest.
    if (generation !== this.#generation) return;
    const ids = new Set(rows.map((row) => row.id));
    for (const nodeId of [...this.#nodes.keys()]) if (!ids.has(nodeId)) this.removed(nodeId);
    for (const row of rows) {
      const live = this.#nodes.get(row.id);
      if (live === undefined) this.#add(row);
      else if (!sameToken(live.node, row)) this.tokenChanged(row);
      else if (live.refresh(row, clock.monotonicMs())) {
        this.#emit({ kind: "acked", node: live });
        this.#changes.touch(row.id);
      }
    }
    await this.#readRejections(rows);
  }

  /** Takes over what nodes of other processes, or of the process before, cannot use. */
  async #readRejections(rows: readonly RegisteredNode[]): Promise<void> {
    for (const row of rows) {
      const live = this.#nodes.get(row.id);
      if (live?.hasOtherRejections(row) !== true) continue;
      const rejections = await findRejections(this.#options.db, row.id);
      // It may have connected to this process meanwhile.
      if (rejections === null || !live.hasOtherRejections(row)) continue;
      live.readRejections(rejections);
      this.#changes.touch(row.id);
    }
  }

  #add(node: RegisteredNode): void {
    if (this.#nodes.has(node.id)) return;
    this.#generation++;
    const live = new LiveNode(node);
    this.#nodes.set(node.id, live);
    this.#rememberToken(node);
    this.#emit({ kind: "added", node: live });
    this.#changes.touch(node.id);
  }

  #rememberToken(node: RegisteredNode): void {
    if (node.tokenDigest !== null) this.#tokens.set(node.tokenDigest.toString("hex"), node.id);
  }

  #forgetToken(node: RegisteredNode): void {
    if (node.tokenDigest !== null) this.#tokens.delete(node.tokenDigest.toString("hex"));
  }

  #emit(event: RegistryEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #now(): Instant {
    const { clock } = this.#options;
    return { wallMs: clock.now(), monotonicMs: clock.monotonicMs() };
  }
}

function sameToken(a: RegisteredNode, b: RegisteredNode): boolean {
  if (a.tokenDigest === null || b.tokenDigest === null) return a.tokenDigest === b.tokenDigest;
  return Buffer.compare(a.tokenDigest, b.tokenDigest) === 0;
}

/** Reads all nodes and begins to follow them. @throws StorageError */
export function createNodeRegistry(options: NodeRegistryOptions): Promise<NodeRegistry> {
  return NodeRegistry.open(options);
}
