/** Rows as columns of text for a person, and as tab-separated values for a program that reads standard output. */

export interface Column<T> {
  readonly title: string;
  readonly value: (item: T) => string | number | boolean | null | undefined;
}

const GAP = "   ";

/** Lines: titles first. Without `aligned`, tabs between the cells and no titles. */
export function tableLines<T>(
  columns: readonly Column<T>[],
  items: readonly T[],
  aligned: boolean,
): string[] {
  const rows = items.map((item) => columns.map(({ value }) => cell(value(item))));
  if (!aligned) return rows.map((row) => row.join("\t"));
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => row[index]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((text, index) => (index === row.length - 1 ? text : text.padEnd(widths[index] ?? 0)))
      .join(GAP)
      .trimEnd(),
  );
}

/** Within a row, a tab or a line end would be another cell or row. What else a terminal obeys, `print` escapes. */
function cell(value: string | number | boolean | null | undefined): string {
  return value === null || value === undefined ? "-" : String(value).replaceAll(/[\t\r\n]+/g, " ");
}
