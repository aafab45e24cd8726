/**
 * The applied revisions on disk, so that a node starts without its control plane: a base file with everything at one
 * revision, and a journal of the deltas since. Both are checksummed; the one before is kept. What is damaged is put
 * aside, what cannot be read is left where it is; both are reported and never served. Holds digests of keys, never keys.
 * A disk that fails stops nothing but itself.
 */
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Pauses } from "@latchkey/core";
import { type Logger, makePrivateFolder, renameDurably } from "@latchkey/observe";
import { Delta, LastKnownGoodBegin, SnapshotEnd } from "@latchkey/proto";
import { asBuffer, formatRevision } from "@latchkey/snapshot";
import { SLICE_MS } from "../table/build-table.js";
import { VALIDATION_VERSION } from "../table/checks.js";
import type { IntegrationHandle } from "../table/integration-ref.js";
import type { RouteTable } from "../table/route-table.js";
import { rejectionsOf } from "../table/table-change.js";
import { within } from "../within.js";
import { baseFrames, FRAME } from "./base-frames.js";
import { readFrames, type Unreadable } from "./frame-file.js";
import { encodeFrame } from "./frames.js";
import type { DeltaValue, RevisionApplier, RevisionObserver } from "./revision-applier.js";
import { chunkIndex, chunkRecords } from "./stored-chunk.js";
import { deltaOf, deltaToWire, endOf, revisionOf } from "./wire.js";

/** Readable by its owner only: digests of keys and addresses of integrations are in it. */
const FILE_MODE = 0o600;

/** A journal is folded into a new base when it is larger than this and than half its base. */
const JOURNAL_BYTES_MIN = 1024 * 1024;
/** After a failed write the disk is left alone for this long. */
const RETRY_MS = 5_000;
/** Of deltas that wait for a slow disk; with more, a new base replaces them. */
const PENDING_BYTES_MAX = 16 * 1024 * 1024;
/** The end of the process does not wait longer than this for a disk that does not respond. */
const CLOSE_MS_MAX = 5_000;

const NOT_WRITTEN = "the last-known-good revision cannot be written; serving from memory";

const BASE_NAME = /^base-(\d{8})\.lkg$/;

export interface LoadReport {
  /** Null: nothing usable was there. */
  readonly revision: string | null;
  /** What was quarantined, in words. */
  readonly damaged: readonly string[];
}

export interface LastKnownGoodOptions {
  readonly directory: string;
  readonly log: Logger;
}

interface Journal {
  readonly file: FileHandle;
  bytes: number;
  readonly baseBytes: number;
}

/** The newest applied revision. The table changes in place, so what is read of it is read in one step. */
interface Latest {
  readonly table: RouteTable;
  readonly signature: Uint8Array;
}

export class LastKnownGood implements RevisionObserver {
  readonly #directory: string;
  readonly #log: Logger;
  #generation = 0;
  #latest: Latest | null = null;
  #needsBase = false;
  #journal: Journal | null = null;
  /** The journal cannot take the next delta: a full snapshot came in between. */
  #isJournalStale = false;
  /** Frames for the journal. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** While a base is written: frames for the journal that will follow it. Null: they would not follow it. */
  #carried: Buffer[] | null = null;
  #worker: Promise<void> | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #isClosed = false;
  /** The last failure; empty while the disk works. */
  failure = "";

  constructor(options: LastKnownGoodOptions) {
    this.#directory = options.directory;
    this.#log = options.log;
  }

  /** Applies the newest revision that is whole, before this is made the applier's observer. Never throws. */
  async load<I extends IntegrationHandle>(applier: RevisionApplier<I>): Promise<LoadReport> {
    try {
      return await this.#load(applier);
    } catch (cause) {
      this.#failed("the directory of the last-known-good revision cannot be used", cause);
      return { revision: null, damaged: [] };
    }
  }

  async #load<I extends IntegrationHandle>(applier: RevisionApplier<I>): Promise<LoadReport> {
    const damaged: string[] = [];
    makePrivateFolder(this.#directory);
    const generations = await this.#generations();
    this.#generation = generations[0] ?? 0;
    for (const generation of generations) {
      const reason = await this.#loadBase(applier, generation);
      if (reason !== null) {
        damaged.push(await this.#leaveOut(this.#basePath(generation), reason));
        continue;
      }
      const journalEnd = await this.#loadJournal(applier, generation);
      if (journalEnd === "clean") {
        // Behind a newer base that cannot be read now, what is appended would be older than it once it can.
        if (damaged.length === 0) await this.#continueJournal(generation);
      } else if (journalEnd !== "torn")
        damaged.push(await this.#leaveOut(this.#journalPath(generation), journalEnd));
      return { revision: formatOf(applier), damaged };
    }
    return { revision: null, damaged };
  }

  /** The journal is whole, so the next delta can be appended to it; where it cannot be written, a new base follows. */
  async #continueJournal(generation: number): Promise<void> {
    try {
      const file = await open(this.#journalPath(generation), "a", FILE_MODE);
      const [base, journal] = await Promise.all([stat(this.#basePath(generation)), file.stat()]);
      this.#journal = { file, bytes: journal.size, baseBytes: base.size };
    } catch (cause) {
      this.#failed(NOT_WRITTEN, cause);
    }
  }

  onSnapshot(table: RouteTable, signature: Uint8Array): void {
    this.#latest = { table, signature };
    this.#needsBase = true;
    this.#isJournalStale = true;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#carried = null;
    this.#wake();
  }

  onDelta(delta: DeltaValue, table: RouteTable): void {
    this.#latest = { table, signature: delta.signature };
    if (this.#journal === null || this.#isJournalStale) this.#needsBase = true;
    const isTaken = this.#journal !== null && !this.#isJournalStale;
    if (isTaken || this.#carried !== null) {
      const frame = encodeFrame(FRAME.delta, Delta.encode(deltaToWire(delta)).finish());
      if (isTaken) this.#pending.push(frame);
      this.#carried?.push(frame);
      this.#pendingBytes += frame.length;
      if (this.#pendingBytes > PENDING_BYTES_MAX) this.#dropPending();
    }
    this.#wake();
  }

  /** The disk is slower than the changes come: memory is bounded, and a new base has them all. */
  #dropPending(): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#carried = null;
    this.#isJournalStale = true;
    this.#needsBase = true;
  }

  /** Everything applied until now is on disk, or could not be put there. */
  async flushed(): Promise<void> {
    while (this.#worker !== null) await this.#worker;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    if (!(await within(this.flushed(), CLOSE_MS_MAX))) {
      this.#failed("the last-known-good revision is not up to date", new Error("the disk does not respond"));
      return;
    }
    await this.#journal?.file.close().catch(() => undefined); // its bytes were synced with each append
    this.#journal = null;
  }

  #wake(): void {
    if (this.#worker !== null || this.#retryTimer !== null) return;
    this.#worker = this.#work().then(
      () => {
        this.#worker = null;
      },
      (cause: unknown) => {
        this.#worker = null;
        this.#failed(NOT_WRITTEN, cause);
        this.#startOver();
      },
    );
  }

  /** A write failed: what is on disk stays valid, and a new base will follow when the disk works again. */
  #startOver(): void {
    const journal = this.#journal;
    this.#journal = null;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#carried = null;
    this.#needsBase = true;
    void journal?.file.close().catch(() => undefined); // it failed already
    if (this.#isClosed) return;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      this.#wake();
    }, RETRY_MS);
    this.#retryTimer.unref();
  }

  async #work(): Promise<void> {
    for (;;) {
      if (this.#pending.length > 0 && this.#journal !== null) await this.#append(this.#journal);
      else if (this.#needsBase && this.#latest !== null) await this.#writeBase(this.#latest);
      else break;
    }
    if (this.failure !== "") this.#log.info("the last-known-good revision is written again");
    this.failure = "";
  }

  async #append(journal: Journal): Promise<void> {
    const bytes = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    await journal.file.appendFile(bytes);
    await journal.file.datasync();
    journal.bytes += bytes.length;
    if (journal.bytes > Math.max(JOURNAL_BYTES_MIN, journal.baseBytes / 2)) this.#needsBase = true;
  }

  /**
   * Temporary file, fsync, rename, fsync of the directory: there is the old one or the new one, never half of it.
   * Meanwhile the journal before goes on, so that a kill loses nothing.
   */
  async #writeBase({ table, signature }: Latest): Promise<void> {
    this.#needsBase = false;
    this.#carried = [];
    const { revision } = table;
    const end = { revision, digest: Buffer.from(table.digest.bytes()), signature: asBuffer(signature) };
    const records = table.records.snapshot(); // of one revision, since all of this is one synchronous step
    const refusedApiIds = rejectionsOf(table).flatMap(({ ref }) => (ref.kind === "api" ? [ref.id] : []));
    const generation = this.#generation + 1;
    const path = this.#basePath(generation);
    const temporary = `${path}.tmp`;
    let baseBytes: number;
    try {
      baseBytes = await this.#writeFrames(temporary, baseFrames(records, refusedApiIds, end));
    } finally {
      records.close();
    }
    const journalPath = this.#journalPath(generation);
    const journalFile = await open(journalPath, "w", FILE_MODE);
    await renameDurably(temporary, path);
    await this.#journal?.file.close();
    this.#journal = { file: journalFile, bytes: 0, baseBytes };
    this.#generation = generation;
    this.#isJournalStale = this.#carried === null;
    this.#pending = this.#carried ?? [];
    this.#carried = null;
    this.#log.debug({ revision: formatRevision(revision), bytes: baseBytes }, "last-known-good base written");
    await this.#dropOlderThan(generation - 1);
  }

  /** Deltas that come meanwhile go to the journal before. @returns bytes written, all on disk */
  async #writeFrames(path: string, frames: Iterable<Buffer>): Promise<number> {
    const file = await open(path, "w", FILE_MODE);
    let bytes = 0;
    try {
      const pauses = new Pauses(SLICE_MS);
      for (const frame of frames) {
        await file.appendFile(frame);
        bytes += frame.length;
        if (this.#pending.length > 0 && this.#journal !== null) await this.#append(this.#journal);
        await pauses.pause();
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return bytes;
  }

  /** Null when it is applied, else why not. */
  async #loadBase<I extends IntegrationHandle>(
    applier: RevisionApplier<I>,
    generation: number,
  ): Promise<string | Unreadable | null> {
    let isApplied = false;
    let reason: string | null = null;
    const end = await readFrames(this.#basePath(generation), async (type, payload) => {
      if (type === FRAME.begin) {
        const { revision, checks, refusedApiIds } = LastKnownGoodBegin.decode(payload);
        const apisToRecheck = checks === String(VALIDATION_VERSION) ? new Set(refusedApiIds) : null;
        const refusal = applier.beginSnapshot(revisionOf(revision), apisToRecheck);
        if (refusal?.kind === "refused") reason = refusal.detail;
      } else if (type === FRAME.chunk) {
        const refusal = await applier.addChunk(chunkIndex(payload), chunkRecords(payload));
        if (refusal?.kind === "refused") reason = refusal.detail;
      } else if (type === FRAME.end) {
        const outcome = applier.endSnapshot(endOf(SnapshotEnd.decode(payload)));
        if (outcome?.kind === "applied") {
          isApplied = true;
        } else reason ??= outcome?.detail ?? "it ends before it begins";
      } else reason = `unknown frame ${type}`;
      return reason === null;
    });
    if (isApplied) return null;
    applier.abandonSnapshot();
    return reason ?? (end === "clean" ? "it is not complete" : end);
  }

  /** Applies deltas as far as they are whole. `torn`: its writer was killed; anything but that and `clean` is damage. */
  async #loadJournal<I extends IntegrationHandle>(
    applier: RevisionApplier<I>,
    generation: number,
  ): Promise<string | Unreadable> {
    let reason: string | null = null;
    const end = await readFrames(this.#journalPath(generation), async (type, payload) => {
      if (type !== FRAME.delta) reason = `unknown frame ${type}`;
      else {
        const outcome = await applier.applyDelta(deltaOf(Delta.decode(payload)));
        if (outcome.kind === "refused") reason = outcome.detail;
      }
      return reason === null;
    });
    return reason ?? end;
  }

  async #generations(): Promise<number[]> {
    const names = await readdir(this.#directory);
    const found: number[] = [];
    for (const name of names) {
      const generation = BASE_NAME.exec(name)?.[1];
      if (generation !== undefined) found.push(Number(generation));
      else if (name.endsWith(".tmp")) await rm(join(this.#directory, name), { force: true });
    }
    return found.sort((a, b) => b - a);
  }

  async #dropOlderThan(generation: number): Promise<void> {
    for (const old of await this.#generations()) {
      if (old >= generation) continue;
      await rm(this.#basePath(old), { force: true });
      await rm(this.#journalPath(old), { force: true });
    }
  }

  /** @param end `Unreadable`: what is in the file is not known, so it stays where it is. */
  async #leaveOut(path: string, end: string | Unreadable): Promise<string> {
    if (typeof end === "string") return await this.#putAside(path, end);
    this.#log.error(
      { file: path, reason: end.reason },
      "a last-known-good file cannot be read and is left out",
    );
    return `${path}: ${end.reason}`;
  }

  async #putAside(path: string, reason: string): Promise<string> {
    const aside = `${path}.damaged-${Date.now()}`;
    try {
      await rename(path, aside);
    } catch (cause) {
      this.#failed("a damaged file cannot be quarantined", cause);
    }
    this.#log.error({ file: path, aside, reason }, "a last-known-good file is damaged and is quarantined");
    return `${path}: ${reason}`;
  }

  #failed(what: string, cause: unknown): void {
    this.failure = cause instanceof Error ? cause.message : String(cause);
    this.#log.warn({ reason: this.failure }, what);
  }

  #basePath(generation: number): string {
    return join(this.#directory, `base-${String(generation).padStart(8, "0")}.lkg`);
  }

  #journalPath(generation: number): string {
    return join(this.#directory, `journal-${String(generation).padStart(8, "0")}.lkg`);
  }
}

function formatOf<I extends IntegrationHandle>(applier: RevisionApplier<I>): string | null {
  const standing = applier.standing();
  return standing === null ? null : formatRevision(standing.revision);
}
