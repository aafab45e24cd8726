/**
 * Keeps the OpenAPI documents that nodes serve up to date. A change only puts an API on the list of documents to write; they
 * are written afterwards, one at a time, large ones in a thread, and each becomes a revision of its own. So no change, and no
 * revocation above all, waits for a document, and every control plane on one database tells nodes the same.
 */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { type Clock, ok } from "@latchkey/core";
import { type Logger, release } from "@latchkey/observe";
import type { Db } from "../../db/schema.js";
import { readTransaction, writeTransaction } from "../../db/transaction.js";
import { DocumentError } from "../../errors/document-error.js";
import type { UnitOfWork, UnitOfWorkRunner, WorkContext } from "../../unit-of-work/unit-of-work.js";
import { type DocumentSettings, SERVED_VERSION } from "./api-document.js";
import type { DocumentSource, DocumentSources } from "./document-source.js";
import type { DocumentWriter } from "./document-writer.js";
import { SERVED_BYTES_MAX, type ServedDocument, type ServedFault } from "./served-document.js";
import {
  deleteServed,
  findContents,
  findServed,
  findStalest,
  findWritten,
  markStale,
  markWrittenOtherwise,
  saveWritten,
  setStale,
} from "./served-document-store.js";

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** After a failure, and while all threads are taken. */
const RETRY_MS = 1_000;
/** Of the tasks: no subscription, whose other documents would hold up what nodes serve of all. */
const OWNER = "nodes";
/** Without a change of this process: another one may have ended with documents on the list. */
const LOOK_MS = 60_000;

const context: WorkContext = { principal: { actor: "control-plane", via: "internal" }, requestId: null };

export interface ServedDocumentsDeps {
  readonly db: Db;
  readonly units: UnitOfWorkRunner;
  readonly sources: DocumentSources;
  readonly documents: DocumentWriter;
  readonly settings: DocumentSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: 24 MiB. */
  readonly bytesMax?: number;
}

interface WrittenDocument {
  readonly fault: ServedFault | null;
  readonly sizeBytes: number | null;
  readonly content: Buffer | null;
}

export class ServedDocuments implements AsyncDisposable {
  readonly #deps: ServedDocumentsDeps;
  readonly #bytesMax: number;
  /** Documents of another writer are written anew. */
  readonly #writerName: string;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #isWanted = false;
  /** Documents of other releases and settings are on the list. */
  #isCompared = false;
  #state: "new" | "started" | "closed" = "new";

  constructor(deps: ServedDocumentsDeps) {
    this.#deps = deps;
    this.#bytesMax = deps.bytesMax ?? SERVED_BYTES_MAX;
    const { ingressUrl, keyHeader } = deps.settings;
    const parts = JSON.stringify([release, ingressUrl, keyHeader, this.#bytesMax]);
    this.#writerName = createHash("sha256").update(parts).digest("base64url").slice(0, 16);
  }

  /** From now on documents are written by themselves. */
  start(): void {
    this.#state = "started";
    this.#wake();
  }

  /** What the documents of these APIs are made of has changed, or they are served from now on. */
  async changed(scope: UnitOfWork, apiIds: readonly string[]): Promise<void> {
    if (apiIds.length === 0) return;
    await markStale(scope.trx, apiIds, scope.nowMs);
    scope.afterCommit(() => this.#wake());
  }

  async stop(scope: UnitOfWork, apiId: string): Promise<void> {
    await deleteServed(scope.trx, apiId);
  }

  find(apiIds: readonly string[]): Promise<ReadonlyMap<string, ServedDocument>> {
    return findServed(this.#deps.db, apiIds);
  }

  /** What nodes serve, compressed, by API id. */
  contents(trx: Db, apiIds: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    return findContents(trx, apiIds);
  }

  /** Writes everything on the list. Never throws: what could not be written is tried again. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#isWanted) this.#wake();
    });
    return this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#state = "closed";
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#running;
  }

  #wake(): void {
    if (this.#state !== "started") return;
    this.#isWanted = true;
    if (this.#running === null) void this.run();
  }

  async #run(): Promise<void> {
    const { db, clock, logger } = this.#deps;
    if (this.#timer !== null) clearTimeout(this.#timer);
    let againMs = LOOK_MS;
    try {
      if (!this.#isCompared) await markWrittenOtherwise(db, this.#writerName, clock.now());
      this.#isCompared = true;
      for (let next = await this.#next(); next !== null; next = await this.#next()) await this.#write(next);
    } catch (error) {
      againMs = RETRY_MS;
      if (!(error instanceof DocumentError))
        logger.warn({ err: error }, "a document for the nodes could not be written, trying again");
    }
    if (this.#state !== "started") return;
    this.#timer = setTimeout(() => this.#wake(), againMs);
    this.#timer.unref();
  }

  async #next(): Promise<string | null> {
    this.#isWanted = false;
    if (this.#state === "closed") return null;
    return (await findStalest(this.#deps.db))?.apiId ?? null;
  }

  /** @throws DocumentError when too many documents are being written; StorageError */
  async #write(apiId: string): Promise<void> {
    const { db, sources, units, logger } = this.#deps;
    const found = await readTransaction(db, async (trx) => {
      const head = await sources.head(trx, apiId);
      const known = await findWritten(trx, apiId);
      if (head === null || known === null) return null;
      const { state } = head;
      const isSame = known.state === state && known.writer === this.#writerName && known.fault === null;
      return { state, source: isSame ? null : await head.source() };
    });
    // The row goes with its API.
    if (found === null) return;
    const { state, source } = found;
    const written = source === null ? null : await this.#written(source);
    const outcome = await units.run(context, async (scope) => {
      const known = await findWritten(scope.trx, apiId);
      if (known === null) return ok(null);
      if ((await sources.head(scope.trx, apiId))?.state !== state) {
        // It has changed meanwhile: behind those that wait.
        await setStale(scope.trx, apiId, scope.nowMs);
        return ok(null);
      }
      if (written === null) await setStale(scope.trx, apiId, null);
      else {
        await saveWritten(scope.trx, apiId, { ...written, state, writer: this.#writerName });
        scope.upsert("api", apiId);
      }
      return ok(null);
    });
    if (!outcome.ok) throw new Error(outcome.error[0]?.message);
    if (written?.fault)
      logger.warn({ api: apiId, bytes: written.sizeBytes, reason: written.fault }, NOT_SERVED);
  }

  async #written(source: DocumentSource): Promise<WrittenDocument> {
    try {
      const text = await this.#deps.documents.write(source, SERVED_VERSION, "json", OWNER);
      const sizeBytes = Buffer.byteLength(text);
      if (sizeBytes > this.#bytesMax) return { fault: "too_large", sizeBytes, content: null };
      return { fault: null, sizeBytes, content: await zip(text) };
    } catch (error) {
      if (!(error instanceof DocumentError)) await this.#putLast(source.input.api.id);
      if (!(error instanceof DocumentError) || error.code === "DOCUMENT_BUSY") throw error;
      return { fault: "too_slow", sizeBytes: null, content: null };
    }
  }

  /** So that a document that cannot be written holds up no other. */
  #putLast(apiId: string): Promise<void> {
    const { db, clock } = this.#deps;
    return writeTransaction(db, (trx) => setStale(trx, apiId, clock.now()));
  }
}

const NOT_SERVED = "the document of an API is not served: it is too large, or takes too long to be written";

/** Of a compressed content, for the nodes. */
export function servedBytes(content: Buffer): Promise<Uint8Array> {
  return unzip(content);
}
