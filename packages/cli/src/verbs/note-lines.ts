/** The lines of groups of notes: of an import's report, or of warnings about a document. */

export interface PlacedNote {
  readonly pointer: string;
  readonly message: string;
  readonly line?: number | null;
  readonly column?: number | null;
}

export interface PlacedGroup {
  /** In any case. */
  readonly severity: string;
  readonly code: string;
  readonly title: string;
  readonly count: number;
  /** The first of them. */
  readonly examples: readonly PlacedNote[];
}

/** One line for a group of one, else the group's sentence and the first notes below it. */
export function groupLines({ severity, code, title, count, examples }: PlacedGroup): readonly string[] {
  const [only] = examples;
  const kind = severity.toLowerCase();
  if (count === 1 && only !== undefined) return [`${kind}: ${code}: ${placed(only)}`];
  return [
    `${kind}: ${code} (${count}): ${title}`,
    ...examples.map((example) => `  ${placed(example)}`),
    ...(count > examples.length ? [`  … and ${count - examples.length} more`] : []),
  ];
}

/** Where it is, and what. */
export function placed({ pointer, message, line, column }: PlacedNote): string {
  const places = [pointer, ...(line == null ? [] : [`line ${line}, column ${column}`])];
  return `${places.filter((place) => place !== "").join(", ") || "(document)"}: ${message}`;
}
