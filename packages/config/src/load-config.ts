/**
 * Loads a configuration: defaults < file (JSON or YAML) < environment < options. Reports every problem at once.
 * Reads nothing but the named file and the given environment; never prints a secret.
 */
import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import type { z } from "zod";
import { ConfigError, type ConfigProblem } from "./config-error.js";
import { type Setting, settingsOf } from "./settings.js";

export interface ConfigSources {
  /** Start of every environment variable: `LATCHKEY_INGRESS`. */
  readonly prefix: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A JSON or YAML file; also taken from `<PREFIX>_CONFIG`. */
  readonly filePath?: string | undefined;
  /** What the command line said, by dotted name; undefined values are left out. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** The validated configuration. Throws ConfigError with all problems. */
export function loadConfig<S extends z.ZodObject>(schema: S, sources: ConfigSources): z.output<S> {
  const settings = settingsOf(schema, sources.prefix);
  const { raw, origin, problems } = readSources(settings, sources);
  for (const [name, value] of Object.entries(sources.options ?? {})) {
    if (value === undefined) continue;
    setPath(raw, name.split("."), value);
    origin.set(name, "option");
  }

  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(problemOf(issue, settings, raw, origin));
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return parsed.data as z.output<S>;
}

export interface ReadVariables {
  /** What a process would start with and was not checked, by environment variable: of the file, of files of secrets, of the environment. */
  readonly variables: Readonly<Record<string, string>>;
  readonly problems: readonly ConfigProblem[];
}

/** What is set, without defaults and checks: for a command that looks at another process's settings and may lack its secrets. */
export function readVariables(schema: z.ZodObject, sources: ConfigSources): ReadVariables {
  const settings = settingsOf(schema, sources.prefix);
  const { raw, problems } = readSources(settings, sources);
  const variables: Record<string, string> = {};
  for (const { path, variable } of settings) {
    const value = getPath(raw, path);
    if (typeof value === "string") variables[variable] = value;
  }
  return { variables, problems };
}

interface Read {
  readonly raw: Record<string, unknown>;
  /** By the setting's name. */
  readonly origin: Map<string, string>;
  readonly problems: ConfigProblem[];
}

/** The file, then the environment. */
function readSources(settings: readonly Setting[], sources: ConfigSources): Read {
  const read: Read = { raw: {}, origin: new Map(), problems: [] };
  const filePath = sources.filePath ?? sources.env[`${sources.prefix}_CONFIG`];
  if (filePath !== undefined) readFile(filePath, settings, read.raw, read.origin, read.problems);
  readEnvironment(sources, settings, read.raw, read.origin, read.problems);
  return read;
}

/** A copy fit for logs: secrets replaced. */
export function redactConfig(schema: z.ZodObject, config: Readonly<Record<string, unknown>>): unknown {
  const copy = structuredClone(config) as Record<string, unknown>;
  for (const setting of settingsOf(schema, "")) {
    if (setting.secret && getPath(copy, setting.path) !== undefined) setPath(copy, setting.path, "(secret)");
  }
  return copy;
}

function readFile(
  filePath: string,
  settings: readonly Setting[],
  raw: Record<string, unknown>,
  origin: Map<string, string>,
  problems: ConfigProblem[],
): void {
  const { content, fault } = contentOf(filePath);
  if (fault !== null) {
    const expected = "an object of settings in JSON or YAML";
    problems.push({ setting: filePath, source: "file of settings", value: fault, expected });
    return;
  }
  const source = `file ${filePath}`;
  const known = new Map(settings.map((setting) => [setting.name, setting]));
  visitLeaves(content, [], known, (path, value) => {
    const name = path.join(".");
    if (!known.has(name)) {
      const renamed = settings.find((setting) => setting.former?.name === name);
      const expected =
        renamed === undefined ? nearest(name, [...known.keys()]) : `its new name, ${renamed.name}`;
      problems.push({ setting: name, source, value: "unknown", expected });
      return;
    }
    setPath(raw, path, value);
    origin.set(name, source);
  });
}

type FileContent =
  | { readonly content: Readonly<Record<string, unknown>>; readonly fault: null }
  /** As it is said after the file's name. */
  | { readonly content: null; readonly fault: string };

function contentOf(filePath: string): FileContent {
  let text: string;
  try {
    text = readFileSync(filePath, "utf8");
  } catch (error) {
    const [reason] = messageOf(error).split(","); // then comes the path
    return { content: null, fault: `not readable (${reason})` };
  }
  try {
    const content: unknown = parseYaml(text) ?? {}; // YAML 1.2 reads JSON as well
    if (Array.isArray(content)) return { content: null, fault: "a list" };
    if (typeof content !== "object" || content === null)
      return { content: null, fault: `a ${typeof content}` };
    return { content: content as Readonly<Record<string, unknown>>, fault: null };
  } catch (error) {
    const [reason = ""] = messageOf(error).split("\n");
    return { content: null, fault: `neither JSON nor YAML (${reason.replace(/:$/, "")})` };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function visitLeaves(
  node: Readonly<Record<string, unknown>>,
  path: readonly string[],
  known: ReadonlyMap<string, Setting>,
  visit: (path: readonly string[], value: unknown) => void,
): void {
  for (const [key, value] of Object.entries(node)) {
    const here = [...path, key];
    const isBranch = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isBranch && !known.has(here.join(".")))
      visitLeaves(value as Record<string, unknown>, here, known, visit);
    else visit(here, value);
  }
}

function readEnvironment(
  sources: ConfigSources,
  settings: readonly Setting[],
  raw: Record<string, unknown>,
  origin: Map<string, string>,
  problems: ConfigProblem[],
): void {
  const accepted = new Set([`${sources.prefix}_CONFIG`]);
  for (const setting of settings) {
    accepted.add(setting.variable);
    let text = sources.env[setting.variable];
    let source = `environment variable ${setting.variable}`;
    if (setting.secret) {
      const fileVariable = `${setting.variable}_FILE`;
      accepted.add(fileVariable);
      const secretFile = sources.env[fileVariable];
      if (text === undefined && secretFile !== undefined) {
        source = `environment variable ${fileVariable}`;
        try {
          text = readFileSync(secretFile, "utf8").trim();
        } catch {
          problems.push({ setting: setting.name, source, value: secretFile, expected: "a readable file" });
          continue;
        }
      }
    }
    if (text === undefined) continue;
    const value = fromText(text, setting);
    if (value === undefined) {
      problems.push({
        setting: setting.name,
        source,
        value: setting.secret ? "(secret)" : JSON.stringify(text),
        expected: setting.expected,
      });
      continue;
    }
    setPath(raw, setting.path, value);
    origin.set(setting.name, source);
  }
  for (const name of Object.keys(sources.env)) {
    if (!name.startsWith(`${sources.prefix}_`) || accepted.has(name)) continue;
    const suffix = name.endsWith("_FILE") ? "_FILE" : "";
    const renamed = settings.find(({ former }) => former !== null && former.variable + suffix === name);
    const variables = settings.map((setting) => setting.variable);
    const expected =
      renamed === undefined ? nearest(name, variables) : `its new name, ${renamed.variable}${suffix}`;
    problems.push({ setting: name, source: "environment", value: "unknown", expected });
  }
}

/** Undefined when the text is not of the setting's type. */
function fromText(text: string, setting: Setting): unknown {
  switch (setting.type) {
    case "number":
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "list":
      return text.trim() === "" ? [] : text.split(",").map((item) => item.trim());
    case "json":
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return undefined;
      }
    default:
      return text;
  }
}

function problemOf(
  issue: z.core.$ZodIssue,
  settings: readonly Setting[],
  raw: Readonly<Record<string, unknown>>,
  origin: ReadonlyMap<string, string>,
): ConfigProblem {
  const path = issue.path.map(String);
  const name = path.join(".");
  const setting = settings.find(
    (candidate) => name === candidate.name || name.startsWith(`${candidate.name}.`),
  );
  const value = getPath(raw, path);
  const shown = setting?.secret === true ? "(secret)" : JSON.stringify(value);
  const custom = issue.code === "custom" || setting === undefined;
  return {
    setting: name === "" ? "(all)" : name,
    source:
      origin.get(setting?.name ?? name) ??
      (setting === undefined ? "settings together" : `set it with ${setting.variable}`),
    value: value === undefined ? null : (shown ?? null),
    expected: custom || setting.type === "string" ? issue.message : setting.expected,
  };
}

function getPath(root: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let node: unknown = root;
  for (const key of path) {
    if (typeof node !== "object" || node === null) return undefined;
    node = (node as Record<string, unknown>)[key];
  }
  return node;
}

function setPath(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let node = root;
  for (const key of path.slice(0, -1)) {
    const next = node[key];
    if (typeof next === "object" && next !== null) node = next as Record<string, unknown>;
    else {
      const made: Record<string, unknown> = {};
      node[key] = made;
      node = made;
    }
  }
  node[path.at(-1) ?? ""] = value;
}

/** `no such setting; did you mean X?` by edit distance, so that a typo is mended at once. */
function nearest(name: string, candidates: readonly string[]): string {
  let best = "";
  let bestDistance = Math.max(3, Math.floor(name.length / 3));
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate, bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best === "" ? "a known setting" : `a known setting; did you mean ${best}?`;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? limit;
}
