/**
 * Writes documents so that nobody waits for it: small ones here, others in a thread. Keeps the texts of the last ones by the
 * state they were made from. Reads nothing from the database.
 */
import { createRequire } from "node:module";
import type { DocumentFormat, DocumentThreads } from "@latchkey/openapi";
import { DocumentError } from "../../errors/document-error.js";
import type { ApiDocuments, DocumentInput, DocumentSettings, DocumentVersion } from "./api-document.js";
import type { DocumentSource } from "./document-source.js";

export interface WriteTask {
  readonly input: DocumentInput;
  readonly settings: DocumentSettings;
  readonly version: DocumentVersion;
  readonly format: DocumentFormat;
}

/** Of `imports` in package.json, so that it is the built file from wherever this one runs. */
const entry = createRequire(import.meta.url).resolve("#document-worker");

/** Characters of an input that are written here: some 15 ms of work. */
const HERE_CHARS_MAX = { json: 64 * 1024, yaml: 4 * 1024 } as const;
/** Of a route without its operation, as far as the document has it. */
const ROUTE_CHARS = 256;
/** Of all texts that are kept. */
const KEPT_CHARS_MAX = 64 * 1024 * 1024;

export class DocumentWriter {
  readonly #documents: ApiDocuments;
  readonly #threads: DocumentThreads;
  /** The one used last is the last one. */
  readonly #kept = new Map<string, string>();
  #keptChars = 0;
  /** Two of one owner that ask for one text wait for one thread. */
  readonly #running = new Map<string, Promise<string>>();

  constructor(documents: ApiDocuments, threads: DocumentThreads) {
    this.#documents = documents;
    this.#threads = threads;
  }

  /** The text of a state, if it is at hand. */
  kept(state: string, version: DocumentVersion, format: DocumentFormat): string | null {
    const key = keyOf(state, version, format);
    const text = this.#kept.get(key);
    if (text === undefined) return null;
    this.#kept.delete(key);
    this.#kept.set(key, text);
    return text;
  }

  /**
   * @param owner of the task, see DocumentThreads
   * @throws DocumentError when too many are written, or the document takes too much time or memory
   */
  async write(
    { state, input }: DocumentSource,
    version: DocumentVersion,
    format: DocumentFormat,
    owner: string,
  ): Promise<string> {
    const running = `${owner} ${keyOf(state, version, format)}`;
    const known = this.kept(state, version, format) ?? this.#running.get(running);
    if (known !== undefined) return known;
    const text = this.#write(input, version, format, owner);
    this.#running.set(running, text);
    try {
      this.#keep(keyOf(state, version, format), await text);
    } finally {
      this.#running.delete(running);
    }
    return text;
  }

  async #write(
    input: DocumentInput,
    version: DocumentVersion,
    format: DocumentFormat,
    owner: string,
  ): Promise<string> {
    const { settings } = this.#documents;
    if (charsOf(input) <= HERE_CHARS_MAX[format]) return this.#documents.text(input, version, format);
    const task: WriteTask = { input: withoutSecrets(input), settings, version, format };
    const outcome = await this.#threads.run<string>(entry, task, owner);
    if (outcome.kind !== "done") throw new DocumentError(outcome.kind);
    return outcome.value;
  }

  #keep(key: string, text: string): void {
    if (text.length > KEPT_CHARS_MAX || this.#kept.has(key)) return;
    this.#kept.set(key, text);
    this.#keptChars += text.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#keptChars <= KEPT_CHARS_MAX) return;
      this.#kept.delete(oldest);
      this.#keptChars -= length;
    }
  }
}

function keyOf(state: string, version: DocumentVersion, format: DocumentFormat): string {
  return `${version} ${format} ${state}`;
}

/** About what has to be parsed and written. */
function charsOf({ routes, components, integrations }: DocumentInput): number {
  let chars = (components.schemas?.length ?? 0) + (components.tags?.length ?? 0);
  for (const { operation } of routes) chars += ROUTE_CHARS + (operation?.length ?? 0);
  for (const { contract } of integrations.values()) {
    chars += (contract.requestSchema?.length ?? 0) + (contract.responseSchema?.length ?? 0);
    for (const { value } of contract.examples) chars += value.length;
  }
  return chars;
}

/** What a document has of an integration, and nothing else of it. */
function withoutSecrets(input: DocumentInput): DocumentInput {
  const integrations = new Map(
    [...input.integrations].map(
      ([
        id,
        {
          name,
          contract,
          policy: { webSockets },
        },
      ]) => [id, { name, contract, policy: { webSockets } }],
    ),
  );
  return { ...input, integrations };
}
