/** What an audit entry changed, field by field, as texts. */

export interface FieldChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

type Fields = Readonly<Record<string, unknown>>;

export function changesOf(before: unknown, after: unknown): readonly FieldChange[] {
  const old = asFields(before);
  const now = asFields(after);
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return names
    .map((name) => ({ name, before: textOf(old[name]), after: textOf(now[name]) }))
    .filter((change) => change.before !== change.after);
}

function asFields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function textOf(value: unknown): string | null {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(lineOf).join("\n");
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

/** `{method, path, integrationId}` → `GET /orders → int_…` */
function lineOf(value: unknown): string {
  const { method, path, integrationId } = asFields(value);
  if (typeof method === "string" && typeof path === "string")
    return `${method} ${path} → ${String(integrationId)}`;
  return typeof value === "string" ? value : JSON.stringify(value);
}
