/** Takes a document from a file, a drop or the clipboard. What is too large is said before anything is sent. */
import { useState } from "react";
import { useQuery } from "urql";
import { ImportLimitsDocument } from "../../gen/import.js";
import { formatBytes } from "../../ui/format.js";
import type { ReadDocument } from "./use-import.js";

export interface DocumentFile {
  /** Bytes that a document may have; null: not known yet. */
  readonly bytesMax: number | null;
  readonly problem: string | null;
  readonly takeFile: (file: File | undefined) => Promise<void>;
  /** False: it is too large. */
  readonly takeText: (text: string) => boolean;
}

export function useDocumentFile(read: (document: ReadDocument) => void): DocumentFile {
  const [{ data }] = useQuery({ query: ImportLimitsDocument });
  const bytesMax = data?.server.documentBytesMax ?? null;
  const [problem, setProblem] = useState<string | null>(null);

  function isTooLarge(what: string, bytes: number): boolean {
    const isLarge = bytesMax !== null && bytes > bytesMax;
    setProblem(
      isLarge
        ? `${what} has ${formatBytes(bytes)}. A document has at most ${formatBytes(bytesMax)}: split it. Nothing was sent.`
        : null,
    );
    return isLarge;
  }

  async function takeFile(file: File | undefined): Promise<void> {
    if (file === undefined || isTooLarge(file.name, file.size)) return;
    try {
      read({ text: await file.text(), name: file.name });
    } catch {
      setProblem(`${file.name} could not be read. Choose it again.`);
    }
  }

  function takeText(text: string): boolean {
    if (isTooLarge("The text", new TextEncoder().encode(text).length)) return false;
    read({ text, name: null });
    return true;
  }

  return { bytesMax, problem, takeFile, takeText };
}
