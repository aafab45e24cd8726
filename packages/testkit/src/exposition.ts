/** Reads metrics in Prometheus' text format as a scraper does, and complains about what one would refuse. Tests only. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  readonly samples: readonly Sample[];
  /** By name of the family. */
  readonly types: ReadonlyMap<string, string>;
  /** The value of the one series with these labels among its own. NaN: there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number;
  /** The sum over all series with these labels among their own. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy;

/** @throws when a line cannot be read, a series comes twice, or a histogram is none */
export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("# HELP ")) continue;
    if (line.startsWith("# TYPE ")) {
      const [name = "", type = ""] = line.slice("# TYPE ".length).split(" ");
      if (types.has(name)) throw new Error(`a second TYPE of ${name}`);
      types.set(name, type);
      continue;
    }
    const sample = sampleOf(line);
    const key = seriesOf(sample);
    if (seen.has(key)) throw new Error(`a series comes twice: ${key}`);
    seen.add(key);
    samples.push(sample);
  }
  for (const [name, type] of types) if (type === "histogram") checkHistogram(name, samples);
  const matching = (name: string, labels: Readonly<Record<string, string>>): Sample[] =>
    samples.filter(
      (sample) =>
        sample.name === name &&
        Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    );
  return {
    samples,
    types,
    value: (name, labels = {}) => {
      const found = matching(name, labels);
      if (found.length > 1) throw new Error(`${found.length} series of ${name} match`);
      return found[0]?.value ?? Number.NaN;
    },
    sum: (name, labels = {}) => matching(name, labels).reduce((sum, { value }) => sum + value, 0),
  };
}

function sampleOf(line: string): Sample {
  const [, name = "", inner = "", value = ""] = SAMPLE.exec(line) ?? [];
  if (name === "") throw new Error(`not a sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  for (let match = LABEL.exec(inner); match !== null; match = LABEL.exec(inner)) {
    labels[match[1] ?? ""] = match[2] ?? "";
    end = LABEL.lastIndex;
  }
  if (end !== inner.length) throw new Error(`not labels: ${inner}`);
  const number = value === "+Inf" ? Number.POSITIVE_INFINITY : Number(value);
  if (Number.isNaN(number) && value !== "NaN" && value !== "Nan") throw new Error(`not a value: ${line}`);
  return { name, labels, value: number };
}

function seriesOf({ name, labels }: Sample): string {
  return `${name}${JSON.stringify(Object.entries(labels).sort())}`;
}

/** Buckets grow up to +Inf, which is the count, and each series has a sum. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const counts = new Map<string, number>();
  const sums = new Set<string>();
  const buckets = new Map<string, { readonly le: number; readonly count: number }[]>();
  for (const { name: sample, labels, value } of samples) {
    const { le, ...rest } = labels;
    const series = JSON.stringify(Object.entries(rest).sort());
    if (sample === `${name}_count`) counts.set(series, value);
    else if (sample === `${name}_sum`) sums.add(series);
    else if (sample === `${name}_bucket`) {
      const bound = le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
      buckets.set(series, [...(buckets.get(series) ?? []), { le: bound, count: value }]);
    }
  }
  for (const [series, all] of buckets) {
    const isGrowing = all.every(
      ({ le, count }, i) => i === 0 || (le > (all[i - 1]?.le ?? 0) && count >= (all[i - 1]?.count ?? 0)),
    );
    const last = all.at(-1);
    if (!isGrowing || last?.le !== Number.POSITIVE_INFINITY) throw new Error(`buckets of ${name}${series}`);
    if (counts.get(series) !== last.count || !sums.has(series))
      throw new Error(`count or sum of ${name}${series}`);
  }
  if (counts.size !== buckets.size) throw new Error(`${name} has a count without buckets`);
}
