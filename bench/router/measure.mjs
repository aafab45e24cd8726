/**
 * One measurement in a process of its own, so that no contender runs in code that another has made slow:
 * `node --expose-gc measure.mjs <contender> <table> <what>`, one line of JSON on standard output.
 *
 *   time    match: ns a request, for strings seen before (`repeated`: what most published figures measure)
 *           and for strings that have just come from a socket (`fresh`: what a server sees);
 *   memory  bytes of heap and buffers a route, after the first match
 *   check   the requests of the table that are matched otherwise than expected
 */
import { contenders } from "./contenders.mjs";
import { tableNamed } from "./tables.mjs";

/** Requests timed in one go: short enough that most are not interrupted by another process. */
const CHUNK = 500;
/** In time of this process, so that a busy machine makes measuring slower, not worse. */
const WARM_UP_MS = 300;
const MEASURE_MS = 400;
/** So many routes at least are built, so that what a process needs anyhow does not matter. */
const MEMORY_ROUTES = 20_000;

const [, , contenderName = "", tableName = "", what = ""] = process.argv;
const contender = contenders[contenderName];
if (contender === undefined) throw new Error(`no contender ${contenderName}`);
const table = tableNamed(tableName);
const routes = spelled(table.routes);

/** What has been found ends here, so that no part of the work can be optimised away. */
globalThis.sink = null;

const measures = { time: measureTime, memory: measureMemory, check };
console.log(JSON.stringify(await measures[/** @type {keyof typeof measures} */ (what)]()));

function check() {
  const built = contender.build(routes);
  let count = 0;
  let example = "";
  for (const { method, path, route } of new Set(table.requests)) {
    const match = built.explain(built.find(method, path));
    const expected = route === null ? null : { route, values: valuesIn(table.routes[route].pattern, path) };
    if (JSON.stringify(match) === JSON.stringify(expected)) continue;
    count++;
    example ||= `${method} ${path}: ${JSON.stringify(match)} instead of ${JSON.stringify(expected)}`;
  }
  return { wrong: count, example };
}

/** By hand: the parts of the path where the pattern has parameters. */
function valuesIn(/** @type {string} */ pattern, /** @type {string} */ path) {
  const parts = path.split("/");
  return pattern
    .split("/")
    .map((it, k) => (it.endsWith("*}") ? parts.slice(k).join("/") : it.startsWith("{") ? parts[k] : null))
    .filter((it) => it !== null);
}

function measureTime() {
  const { find } = contender.build(routes);
  const methods = table.requests.map((it) => it.method);
  // As literals in a program are: flat and interned.
  const paths = freshStrings(table.requests.map((it) => it.path)).map((it) => Object.keys({ [it]: 0 })[0]);
  return {
    repeated: nsPerRequest(find, methods, () => paths),
    fresh: nsPerRequest(find, methods, () => freshStrings(paths)),
    buildUs: usPerBuild(),
  };
}

/**
 * Strings as a server gets them: flat, one byte a character, not interned, and never hashed. Making them
 * is not timed.
 */
function freshStrings(/** @type {string[]} */ strings) {
  const bytes = Buffer.from(strings.join(""), "latin1");
  let end = 0;
  return strings.map(({ length }) => {
    end += length;
    return bytes.latin1Slice(end - length, end);
  });
}

/**
 * All requests of the table, chunk by chunk, over and over; of the times of each chunk, the tenth that was
 * disturbed least: other processes only ever add time. Requests are in random order, so where a router is
 * too slow for all of them, the chunks that it gets to stand for the rest.
 */
function nsPerRequest(
  /** @type {(method: string, path: string) => unknown} */ find,
  /** @type {string[]} */ methods,
  /** @type {() => string[]} */ makePaths,
) {
  const chunks = Math.ceil(methods.length / CHUNK);
  /** @type {Map<number, number[]>} ns a request, by chunk */
  const times = new Map();
  const start = ownTimeMs();
  let paths = makePaths();
  for (let turn = 0; ; turn++) {
    const chunk = turn % chunks;
    if (chunk === 0) paths = makePaths();
    const from = CHUNK * chunk;
    const end = Math.min(methods.length, from + CHUNK);
    const before = process.hrtime.bigint();
    for (let k = from; k < end; k++) globalThis.sink = find(methods[k], paths[k]);
    const ns = Number(process.hrtime.bigint() - before) / (end - from);
    const elapsed = ownTimeMs() - start;
    if (elapsed < WARM_UP_MS) continue;
    times.get(chunk)?.push(ns) ?? times.set(chunk, [ns]);
    if (elapsed > WARM_UP_MS + MEASURE_MS) break;
  }
  return [...times.values()].reduce((sum, it) => sum + lowTenth(it), 0) / times.size;
}

function usPerBuild() {
  const { method, path } = table.requests[0];
  const times = [];
  const start = ownTimeMs();
  for (;;) {
    const before = process.hrtime.bigint();
    globalThis.sink = contender.build(routes).find(method, path);
    const us = Number(process.hrtime.bigint() - before) / 1000;
    const elapsed = ownTimeMs() - start;
    if (elapsed > WARM_UP_MS || times.length > 0) times.push(us);
    if (elapsed > WARM_UP_MS + MEASURE_MS && times.length >= 5) return lowTenth(times);
  }
}

function ownTimeMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function measureMemory() {
  const copies = Math.max(3, Math.ceil(MEMORY_ROUTES / table.routes.length));
  // Each copy has paths of its own: engines and routers share what is the same.
  const tables = Array.from({ length: copies + 1 }, (_, k) => ownTable(`/t${k}`));
  const kept = [];
  use(contender.build(tables[copies].routes), tables[copies]);
  const before = usedBytes();
  for (let k = 0; k < copies; k++) {
    const built = contender.build(tables[k].routes);
    use(built, tables[k]);
    kept.push(built.find);
  }
  const after = usedBytes();
  globalThis.sink = kept;
  return { bytesPerRoute: (after - before) / (copies * table.routes.length) };
}

/** The table with a prefix, whose texts are strings of their own. */
function ownTable(/** @type {string} */ prefix) {
  const flat = (/** @type {string} */ text) => Buffer.from(text).toString("latin1");
  return {
    routes: spelled(table.routes.map(({ method, pattern }) => ({ method, pattern: flat(prefix + pattern) }))),
    requests: table.requests.slice(0, 1).map((it) => ({ ...it, path: flat(prefix + it.path) })),
  };
}

function spelled(/** @type {{ method: string, pattern: string }[]} */ given) {
  // A string of its own and flat, as a program has it.
  const spell = (/** @type {string} */ pattern) => Buffer.from(contender.spell(pattern)).toString("latin1");
  return given.map(({ method, pattern }) => ({ method, pattern, spelled: spell(pattern) }));
}

/** Some routers make more of themselves when they are first asked, by method. */
function use(
  /** @type {import("./contenders.mjs").Built} */ { find },
  /** @type {{ routes: { method: string }[], requests: { path: string }[] }} */ { routes, requests },
) {
  for (const method of new Set(routes.map((it) => it.method))) {
    globalThis.sink = find(method, requests[0].path);
  }
  globalThis.sink = null;
}

function usedBytes() {
  for (let k = 0; k < 4; k++) globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function lowTenth(/** @type {number[]} */ values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 10)];
}
