/** All that an import page knows: the document, what was chosen, what would come of it, and how it is made. */
import { useCallback, useEffect, useMemo, useState } from "react";
import type { ImportOpenApiInput } from "../../gen/import.js";
import { countFates, type FateCounts, type ImportRow, toRows } from "./import-rows.js";
import { type ImportSettings, type ImportTarget, initialSettings, toImportInput } from "./import-settings.js";
import { type ImportPreview, useImportPreview } from "./use-import-preview.js";

export interface ReadDocument {
  readonly text: string;
  /** Of its file; null: it was pasted. */
  readonly name: string | null;
}

export interface Import {
  readonly target: ImportTarget | null;
  readonly document: ReadDocument | null;
  readonly read: (document: ReadDocument) => void;
  /** Typed and not read yet. */
  readonly draft: string;
  readonly setDraft: (text: string) => void;
  readonly settings: ImportSettings;
  readonly set: (fields: Partial<ImportSettings>) => void;
  readonly preview: ImportPreview;
  readonly rows: readonly ImportRow[];
  readonly counts: FateCounts;
  /** What is sent to make the import that is shown. */
  readonly input: ImportOpenApiInput | null;
  /** Messages about one field of the input. */
  readonly errorsAt: (field: string) => string | null;
}

export interface ImportOptions {
  readonly target: ImportTarget | null;
  /** Of a new API, chosen before. */
  readonly subscriptionId: string | null;
  /** The target was changed by somebody else: reads it anew. */
  readonly reload: () => void;
}

export function useImport({ target, subscriptionId, reload }: ImportOptions): Import {
  const [document, read] = useState<ReadDocument | null>(null);
  const [draft, setDraft] = useState("");
  const [settings, setSettings] = useState<ImportSettings>({ ...initialSettings, subscriptionId });
  const set = useCallback(
    (fields: Partial<ImportSettings>) => setSettings((before) => ({ ...before, ...fields })),
    [],
  );
  const text = document?.text ?? null;
  const input = useMemo(() => toImportInput(text, target, settings), [text, target, settings]);
  const preview = useImportPreview(input);
  const title = target === null ? settings.title.trim() : "";
  const titled = useMemo(
    () => (input === null || title === "" ? input : { ...input, title }),
    [input, title],
  );
  const { listed, payload } = preview;
  const { assigned } = settings;
  const rows = useMemo(() => (listed === null ? [] : toRows(listed, assigned)), [listed, assigned]);
  const counts = useMemo(() => countFates(rows), [rows]);

  const isConflict = payload?.userErrors.some(({ code }) => code === "CONFLICT") ?? false;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each result
  useEffect(() => {
    if (isConflict) reload();
  }, [payload]);

  const errorsAt = (field: string): string | null =>
    payload?.userErrors.find((error) => error.field.join(".") === `input.${field}`)?.message ?? null;
  return {
    target,
    document,
    read,
    draft,
    setDraft,
    settings,
    set,
    preview,
    rows,
    counts,
    input: titled,
    errorsAt,
  };
}
