/** Says which package of uWebSockets.js fits this machine, and why: none is part of a default installation. */

export interface Machine {
  /** `24.22.3` */
  readonly node: string;
  /** `linux`, `darwin`, `win32` */
  readonly platform: string;
  /** `x64`, `arm64` */
  readonly arch: string;
  /** `2.36`; null where there is no glibc: musl, or another system than Linux. */
  readonly glibc: string | null;
}

/** A package by what follows `npm install`, the major releases of Node.js that it has binaries for, and the glibc they need. */
interface Build {
  readonly spec: string;
  readonly nodes: readonly number[];
  readonly glibcMin: string;
  readonly isOfficial: boolean;
}

/** In order of preference. The official tags are on GitHub; the last one with Node.js 20 is v20.66.0. */
const BUILDS: readonly Build[] = [
  {
    spec: '"uWebSockets.js@github:uNetworking/uWebSockets.js#v20.69.0"',
    nodes: [22, 24],
    glibcMin: "2.38",
    isOfficial: true,
  },
  {
    spec: '"uWebSockets.js@github:uNetworking/uWebSockets.js#v20.66.0"',
    nodes: [20],
    glibcMin: "2.38",
    isOfficial: true,
  },
  { spec: "@btc-vision/uwebsockets.js@20.57.0", nodes: [22, 24], glibcMin: "2.38", isOfficial: false },
  {
    spec: "uWebSockets.js@npm:@trufflesuite/uws-js-unofficial@20.30.0-unofficial.0",
    nodes: [20],
    glibcMin: "2.27",
    isOfficial: false,
  },
];

export function thisMachine(): Machine {
  // Names of peers are looked up otherwise, which can take seconds. The types of Node.js 20 do not have it.
  const report: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report;
  report.excludeNetwork = true;
  const { header } = report.getReport() as unknown as {
    readonly header: { readonly glibcVersionRuntime?: string };
  };
  return {
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    glibc: header.glibcVersionRuntime ?? null,
  };
}

/** `null` when a build fits, otherwise the reason why none does. */
function noneFits({ node, platform, glibc }: Machine): string | null {
  const ofNode = BUILDS.filter(({ nodes }) => nodes.includes(majorOf(node)));
  if (ofNode.length === 0) return `builds are for Node.js ${supportedNodes()}`;
  if (platform !== "linux") return null;
  if (glibc === null) return "builds for Linux need glibc, which this system does not have (musl)";
  if (ofNode.some(({ glibcMin }) => isAtLeast(glibc, glibcMin))) return null;
  return `builds for Node.js ${majorOf(node)} need glibc ${ofNode.at(-1)?.glibcMin ?? ""}; this system has ${glibc}`;
}

/** What to do when no build loads, as one message. */
export function uwsAdvice(machine: Machine): string {
  const { node, platform, arch, glibc } = machine;
  const libc = glibc === null ? "" : `, glibc ${glibc}`;
  const here = `No build of uWebSockets.js loads here (Node.js ${node}, ${platform} ${arch}${libc})`;
  const instead = "The engine strict, the default, needs none.";
  const reason = noneFits(machine);
  if (reason !== null) return `${here}: ${reason}. ${instead}`;
  const lines = fitting(machine).map(
    ({ spec, isOfficial }) =>
      `  npm install ${spec}   (${isOfficial ? "official, from GitHub" : "republished on the npm registry"})`,
  );
  return [
    `${here}: it is no part of the installation. Add one beside Latchkey, or run \`npm run uws\` in a checkout:`,
    ...lines,
    instead,
  ].join("\n");
}

/** Builds for the machine, the preferred one first. */
function fitting({ node, platform, glibc }: Machine): readonly Build[] {
  return BUILDS.filter(
    ({ nodes, glibcMin }) =>
      nodes.includes(majorOf(node)) &&
      (platform !== "linux" || (glibc !== null && isAtLeast(glibc, glibcMin))),
  );
}

function supportedNodes(): string {
  return [...new Set(BUILDS.flatMap(({ nodes }) => nodes))].sort().join(", ");
}

function majorOf(version: string): number {
  return Number(version.split(".")[0]);
}

function isAtLeast(version: string, minimum: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [minMajor = 0, minMinor = 0] = minimum.split(".").map(Number);
  return major > minMajor || (major === minMajor && minor >= minMinor);
}

/** Whether one of the builds is known to load here, once it is installed. */
export function hasUwsBuild(machine: Machine): boolean {
  return noneFits(machine) === null;
}
