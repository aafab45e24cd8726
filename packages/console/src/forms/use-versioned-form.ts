/**
 * The form of a stored record. Sends only the fields that were changed. When somebody else saved first, merges by
 * field and asks only for the fields that both changed; nothing that was typed is lost.
 */
import { useEffect, useState } from "react";
import type { UserErrorLike } from "../graphql/user-errors.js";
import { withFormField } from "./form-errors.js";
import {
  type Comparison,
  changedFields,
  compareVersions,
  type ListFields,
  mergeVersions,
  type Side,
  type Versions,
} from "./form-fields.js";
import { type FormState, useFormState } from "./use-form-state.js";

export interface Versioned {
  readonly version: number;
}

export interface FormChange<Stored, Values> {
  /** The record that the change applies to, with the version that is expected. */
  readonly stored: Stored;
  readonly values: Values;
  /** Ids of the fields that differ from what is stored. */
  readonly changed: ReadonlySet<string>;
}

export type SaveOutcome<Stored> =
  | { readonly kind: "saved"; readonly stored: Stored }
  | { readonly kind: "refused"; readonly errors: readonly UserErrorLike[] }
  | { readonly kind: "failed"; readonly message: string };

export interface VersionedFormOptions<Stored extends Versioned, Values extends object> {
  /** The newest version that the page has read. */
  readonly loaded: Stored;
  /** `shown`: what is on the page, so that items keep their place and what is open stays open. */
  readonly toValues: (stored: Stored, shown?: Values) => Values;
  readonly fields: ListFields<Values>;
  readonly save: (change: FormChange<Stored, Values>) => Promise<SaveOutcome<Stored>>;
  /** Reads the record anew; null when it is deleted. */
  readonly reload: () => Promise<Stored | null>;
  /** The form's field for a field of the input. */
  readonly errorField?: (path: string) => string;
  readonly onSaved?: (stored: Stored) => void;
}

export interface Conflict<Stored, Values> {
  readonly stored: Stored;
  readonly versions: Versions<Values>;
  readonly comparisons: readonly Comparison<Values>[];
}

export interface VersionedForm<Stored, Values> extends FormState<Values> {
  readonly stored: Stored;
  readonly isDirty: boolean;
  readonly isSaving: boolean;
  /** Why nothing was saved, or null. */
  readonly problem: string | null;
  readonly conflict: Conflict<Stored, Values> | null;
  readonly submit: () => Promise<void>;
  readonly discard: () => void;
  readonly resolve: (sides: ReadonlyMap<string, Side>) => Promise<void>;
  readonly postpone: () => void;
}

/** Saves of others that are merged in a row before the form gives up. */
const MERGES_MAX = 3;
const DELETED = "It was deleted in the meantime. What you typed is still here, so that you can copy it.";

export function useVersionedForm<Stored extends Versioned, Values extends object>(
  options: VersionedFormOptions<Stored, Values>,
): VersionedForm<Stored, Values> {
  const { loaded, toValues, fields } = options;
  const [base, setBase] = useState(() => ({ stored: loaded, values: toValues(loaded) }));
  const state = useFormState(() => base.values);
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [conflict, setConflict] = useState<Conflict<Stored, Values> | null>(null);
  const isDirty = changedFields(fields, base.values, state.values).size > 0;

  function adopt(stored: Stored): void {
    const values = toValues(stored, state.current());
    setBase({ stored, values });
    state.replace(values);
    setProblem(null);
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: when a newer version was read
  useEffect(() => {
    if (!isDirty && !isSaving && loaded.version > base.stored.version) adopt(loaded);
  }, [loaded, isDirty, isSaving]);

  /** What was typed since the save began (`shown`) is kept on top of what was saved. */
  function adoptSaved(stored: Stored, shown: Values): void {
    const values = toValues(stored, state.current());
    const versions = { base: shown, mine: state.current(), theirs: values };
    setBase({ stored, values });
    state.replace(
      versions.mine === shown
        ? values
        : mergeVersions(compareVersions(fields, versions), versions, () => "mine"),
    );
    options.onSaved?.(stored);
  }

  /** `shown`: what the page showed when the save began. */
  async function save(stored: Stored, values: Values, shown: Values, mergesLeft: number): Promise<void> {
    const changed = changedFields(fields, toValues(stored, values), values);
    const outcome = await options.save({ stored, values, changed });
    if (outcome.kind === "saved") return adoptSaved(outcome.stored, shown);
    if (outcome.kind === "failed") return setProblem(outcome.message);
    if (outcome.errors.some((error) => error.code === "CONFLICT") && mergesLeft > 0)
      return await merge(stored, values, shown, mergesLeft - 1);
    state.refuse(outcome.errors.map((error) => withFormField(error, options.errorField)));
    setProblem("Nothing was saved: see the messages in red.");
  }

  async function merge(from: Stored, mine: Values, shown: Values, mergesLeft: number): Promise<void> {
    const stored = await options.reload();
    if (stored === null) return setProblem(DELETED);
    const versions = { base: toValues(from, mine), mine, theirs: toValues(stored, mine) };
    const comparisons = compareVersions(fields, versions);
    if (comparisons.some(({ changedBy }) => changedBy === "both")) {
      setConflict({ stored, versions, comparisons });
      return;
    }
    const merged = mergeVersions(comparisons, versions, () => "mine");
    await save(stored, merged, shown, mergesLeft);
  }

  async function whileSaving(work: () => Promise<void>): Promise<void> {
    setSaving(true);
    setProblem(null);
    try {
      await work();
    } finally {
      setSaving(false);
    }
  }

  async function resolve(sides: ReadonlyMap<string, Side>): Promise<void> {
    if (conflict === null) return;
    const { stored, versions, comparisons } = conflict;
    const merged = mergeVersions(comparisons, versions, (id) => sides.get(id) ?? "mine");
    setConflict(null);
    setBase({ stored, values: toValues(stored, merged) });
    state.replace(merged);
    await whileSaving(() => save(stored, merged, state.current(), MERGES_MAX));
  }

  return {
    ...state,
    stored: base.stored,
    isDirty,
    isSaving,
    problem: state.errors.any || isDirty ? problem : null,
    conflict,
    submit: () => whileSaving(() => save(base.stored, state.current(), state.current(), MERGES_MAX)),
    discard: () => adopt(base.stored),
    resolve,
    postpone: () => setConflict(null),
  };
}
