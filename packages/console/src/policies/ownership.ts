/** Owner, labels and metadata as forms have them. Pure. */
import { readLines } from "./read-lines.js";

export interface OwnershipValues {
  readonly owner: string;
  readonly labels: readonly string[];
  /** One entry a line: `ticket=OPS-7`. */
  readonly metadata: string;
}

export const noOwnership: OwnershipValues = { owner: "", labels: [], metadata: "" };

export function toOwnershipValues(of: {
  readonly owner: string;
  readonly labels: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
}): OwnershipValues {
  const { owner, labels, metadata } = of;
  const lines = Object.entries(metadata).map(([name, value]) => `${name}=${shownValue(String(value))}`);
  return { owner, labels, metadata: lines.join("\n") };
}

/** What a line cannot hold as it is stands in it as a JSON string. */
function shownValue(value: string): string {
  const isPlain = value.trim() === value && !value.startsWith('"') && !/[\r\n]/.test(value);
  return isPlain ? value : JSON.stringify(value);
}

/** A line without `=` is a name with an empty value; what is wrong with a name, the server says. */
function readMetadata(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readLines(text).map((line) => {
      const at = line.indexOf("=");
      return at < 0 ? [line, ""] : [line.slice(0, at).trim(), readValue(line.slice(at + 1).trim())];
    }),
  );
}

function readValue(text: string): string {
  if (!text.startsWith('"')) return text;
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

/** The changed fields only. */
export function toOwnership({ owner, labels, metadata }: OwnershipValues, changed: ReadonlySet<string>) {
  return {
    ...(changed.has("owner") && { owner }),
    ...(changed.has("labels") && { labels: [...labels] }),
    ...(changed.has("metadata") && { metadata: readMetadata(metadata) }),
  };
}
