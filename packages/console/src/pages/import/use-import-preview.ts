/**
 * The dry run of an import, made again whenever its input changes: one at a time, always of the newest input. What was
 * shown stays until there is something newer, and is said to be stale meanwhile.
 */
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "urql";
import { type ImportOpenApiInput, PreviewImportDocument } from "../../gen/import.js";
import { useSession } from "../../session/use-session.js";
import { failureText } from "../../ui/failure.js";
import type { ImportPayload } from "./import-rows.js";

const SETTLE_MS = 250;

interface Result {
  readonly input: ImportOpenApiInput;
  readonly payload: ImportPayload;
}

export interface ImportPreview {
  /** The newest result; null: none yet. */
  readonly payload: ImportPayload | null;
  /** The newest result with operations, of the same document: shown while the newest one is refused. */
  readonly listed: ImportPayload | null;
  /** Why there is no newer one. */
  readonly problem: string | null;
  readonly isBusy: boolean;
  /** What is shown is that of the input. */
  readonly isFresh: boolean;
  readonly retry: () => void;
}

export function useImportPreview(input: ImportOpenApiInput | null): ImportPreview {
  const client = useClient();
  const [result, setResult] = useState<Result | null>(null);
  const [listed, setListed] = useState<Result | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const newest = useRef(input);
  newest.current = input;
  const isRunning = useRef(false);

  const run = useCallback(async () => {
    if (isRunning.current) return;
    isRunning.current = true;
    setBusy(true);
    for (let asked = newest.current; asked !== null; ) {
      const { data, error } = await client
        .mutation(PreviewImportDocument, { input: { ...asked, dryRun: true } })
        .toPromise();
      if (newest.current !== asked) {
        asked = newest.current;
        continue;
      }
      setProblem(data === undefined ? failureText(error ?? new Error("No response came.")) : null);
      if (data !== undefined) {
        const { importOpenApi: payload } = data;
        const made = { input: asked, payload };
        setResult(made);
        setListed((before) =>
          payload.routes.length > 0 || before?.input.document !== made.input.document ? made : before,
        );
      }
      break;
    }
    isRunning.current = false;
    setBusy(false);
  }, [client]);

  useEffect(() => {
    if (input === null) return;
    const timer = setTimeout(() => void run(), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [input, run]);

  // A sign-in after the session has expired: what failed for that runs again.
  const { kind } = useSession();
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a change of session only
  useEffect(() => {
    if (kind === "signedIn" && problem !== null) void run();
  }, [kind]);

  return {
    payload: result?.payload ?? null,
    listed: listed?.payload ?? null,
    problem,
    isBusy,
    isFresh: result !== null && result.input === input && !isBusy,
    retry: () => void run(),
  };
}
