/** Sums of what nodes claim, in memory and in the database. A node may claim any number. */
import { type Expression, type RawBuilder, sql } from "kysely";

/** A sum that is no safe integer would fail every query that shows it, and no column holds it. */
export function safe(sum: number): number {
  return Math.min(sum, Number.MAX_SAFE_INTEGER);
}

/** Adds to a column in an update, up to the largest safe integer. */
export function safeSum(there: Expression<number>, more: Expression<number>): RawBuilder<number> {
  const max = sql.lit(Number.MAX_SAFE_INTEGER);
  return sql<number>`case when ${there} > ${max} - ${more} then ${max} else ${there} + ${more} end`;
}
