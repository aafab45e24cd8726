/** Owner, labels and metadata as columns. */
import { type ExpressionBuilder, type SqlBool, sql } from "kysely";

export interface OwnershipColumns {
  owner: string;
  /** Each with a line end before and behind, so that a whole one can be looked for. */
  labels: string;
  /** JSON: texts by name. */
  metadata: string;
}

interface Values {
  readonly owner: string;
  readonly labels: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export function toOwnershipColumns({ owner, labels, metadata }: Values): OwnershipColumns {
  return {
    owner,
    labels: labels.length === 0 ? "" : `\n${labels.join("\n")}\n`,
    metadata: JSON.stringify(metadata),
  };
}

export function fromOwnershipColumns({ owner, labels, metadata }: OwnershipColumns): Values {
  return {
    owner,
    labels: labels.split("\n").filter((label) => label !== ""),
    metadata: JSON.parse(metadata) as Record<string, string>,
  };
}

/** True for rows with the label. */
export function hasLabel<DB, TB extends keyof DB>(_: ExpressionBuilder<DB, TB>, label: string) {
  const pattern = `%\n${label.replace(/[\\%_]/g, (c) => `\\${c}`)}\n%`;
  return sql<SqlBool>`${sql.ref("labels")} like ${pattern} escape '\\'`;
}
