/** What options of resources take as text, as GraphQL takes it. A text that cannot be read is refused with what would be right. */
import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";

export const bool = (text: string): boolean => {
  if (text === "true" || text === "false") return text === "true";
  throw new InvalidArgumentError("expected true or false.");
};

export const integer = (text: string): number => {
  if (/^[0-9]{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("expected a whole number of at most nine digits.");
};

export const upper = (text: string): string => text.toUpperCase();

/** RFC 3339 with or without seconds, or a day of UTC. */
const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

export const time = (text: string): string => {
  const atMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs))
    throw new InvalidArgumentError(
      "expected a time such as 2027-01-31T12:00:00Z, or a day of UTC such as 2027-01-31.",
    );
  return new Date(atMs).toISOString();
};

/** A time, or how long ago: `15m`. By this machine's clock. */
export const timeOrAgo = (text: string): string => {
  if (TIME.test(text)) return time(text);
  if (!/^\d{1,5}[smhd]$/.test(text))
    throw new InvalidArgumentError(
      "expected a time such as 2027-01-31T12:00:00Z or 2027-01-31, or how long ago, such as 15m, 24h or 7d.",
    );
  return new Date(Date.now() - seconds(text) * 1_000).toISOString();
};

/** `PUT /orders/{id}=<integration>`. The integration is looked up like any other reference. */
export const route = (text: string): { method: string; path: string; integrationId: string } => {
  const blank = text.indexOf(" ");
  const equals = text.indexOf("=");
  const path = text.slice(blank + 1, equals).trim();
  const integrationId = text.slice(equals + 1);
  if (blank <= 0 || equals < blank || path === "" || integrationId === "")
    throw new InvalidArgumentError(
      "expected '<METHOD> <path>=<integration>', such as 'PUT /orders/{id}=Orders'.",
    );
  return { method: text.slice(0, blank).toUpperCase(), path, integrationId };
};

/** `set X-Tenant: north`, `remove Cookie`. */
export const headerRule = (text: string): { action: string; name: string; value?: string } => {
  const [, action = "", name = "", value] = /^(set|append|remove) ([^: ]+)(?::(.*))?$/i.exec(text) ?? [];
  if (name === "" || (value === undefined) !== (action.toLowerCase() === "remove"))
    throw new InvalidArgumentError(
      "expected 'set <name>: <value>', 'append <name>: <value>' or 'remove <name>', such as 'set X-Tenant: north'.",
    );
  return { action: action.toUpperCase(), name, ...(value !== undefined && { value: value.trim() }) };
};

/** `GET /orders/{id}`. */
export const scope = (text: string): { method: string; path: string } => {
  const [, method = "", path = ""] = /^([A-Za-z]+) +(\/.*)$/.exec(text.trim()) ?? [];
  if (path === "") throw new InvalidArgumentError("expected '<METHOD> <path>', such as 'GET /orders/{id}'.");
  return { method: method.toUpperCase(), path };
};

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** `100/m`, `1000/30d`, `100/m burst=20`. */
export const limit = (text: string): { limit: number; windowSeconds: number; burst?: number } => {
  const [, count = "", times = "1", unit = "", burst] =
    /^([0-9]{1,10})\/([0-9]{1,9})?([smhd])(?: burst=([0-9]{1,10}))?$/.exec(text) ?? [];
  const unitSeconds = UNIT_SECONDS[unit];
  if (unitSeconds === undefined)
    throw new InvalidArgumentError(
      "expected requests in a time, such as 100/m, 1000/30d or '100/m burst=20', or none.",
    );
  return {
    limit: Number(count),
    windowSeconds: Number(times) * unitSeconds,
    ...(burst !== undefined && { burst: Number(burst) }),
  };
};

/** `name=value`. */
export const entry = (text: string): [string, string] => {
  const equals = text.indexOf("=");
  if (equals <= 0) throw new InvalidArgumentError("expected '<name>=<value>', such as 'ticket=OPS-7'.");
  return [text.slice(0, equals), text.slice(equals + 1)];
};

/** What a file or standard input (-) holds. A secret is no argument: those are seen by everybody on the machine. */
export const textFrom = (path: string): string => {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    throw new InvalidArgumentError(
      `the file cannot be read: ${error instanceof Error ? error.message : ""}.`,
    );
  }
};

/** `24h` → 86400. */
export function seconds(text: string): number {
  const [, amount, unit = "s"] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
  if (amount === undefined) throw new InvalidArgumentError("expected a time such as 90s, 30m, 24h or 7d.");
  return Number(amount) * (UNIT_SECONDS[unit] ?? 1);
}
