/** Compares versions of a form field by field and merges them. Pure: no network, no page. */
import type { ReactNode } from "react";

export interface FormField<Values> {
  /** Path of the field in the form: `summary`, `routes.rte_1`. */
  readonly id: string;
  readonly label: string;
  readonly isSame: (a: Values, b: Values) => boolean;
  /** What the conflict dialog shows. */
  readonly show: (values: Values) => ReactNode;
  /** `into` with this field as `from` has it. */
  readonly copy: (into: Values, from: Values) => Values;
}

/** The fields of the given versions. A list has one field for each item that any of them has. */
export type ListFields<Values> = (versions: readonly Values[]) => readonly FormField<Values>[];

/** Who changed a field since `base`. `same`: both, to the same value. */
export type ChangedBy = "nobody" | "me" | "them" | "same" | "both";

export interface Comparison<Values> {
  readonly field: FormField<Values>;
  readonly changedBy: ChangedBy;
}

export interface Versions<Values> {
  /** What the form started from. */
  readonly base: Values;
  readonly mine: Values;
  /** What is stored now. */
  readonly theirs: Values;
}

export type Side = "mine" | "theirs";

/** A field that is one property of the values. */
export function propertyField<Values, Name extends keyof Values & string>(
  name: Name,
  label: string,
  show: (value: Values[Name]) => ReactNode,
): FormField<Values> {
  return {
    id: name,
    label,
    isSame: (a, b) => a[name] === b[name] || JSON.stringify(a[name]) === JSON.stringify(b[name]),
    show: (values) => show(values[name]),
    copy: (into, from) => ({ ...into, [name]: from[name] }),
  };
}

/** Ids of the fields that differ. */
export function changedFields<Values>(
  list: ListFields<Values>,
  base: Values,
  values: Values,
): ReadonlySet<string> {
  if (base === values) return new Set();
  const changed = list([base, values]).filter((field) => !field.isSame(base, values));
  return new Set(changed.map((field) => field.id));
}

export function compareVersions<Values>(
  list: ListFields<Values>,
  { base, mine, theirs }: Versions<Values>,
): readonly Comparison<Values>[] {
  return list([base, mine, theirs]).map((field) => {
    const isMine = !field.isSame(base, mine);
    const isTheirs = !field.isSame(base, theirs);
    if (isMine && isTheirs) return { field, changedBy: field.isSame(mine, theirs) ? "same" : "both" };
    return { field, changedBy: isMine ? "me" : isTheirs ? "them" : "nobody" };
  });
}

/** Theirs with my changes. `choose` decides each field that both changed. */
export function mergeVersions<Values>(
  comparisons: readonly Comparison<Values>[],
  { mine, theirs }: Versions<Values>,
  choose: (fieldId: string) => Side,
): Values {
  return comparisons
    .filter(
      ({ field, changedBy }) => changedBy === "me" || (changedBy === "both" && choose(field.id) === "mine"),
    )
    .reduce((merged, { field }) => field.copy(merged, mine), theirs);
}
