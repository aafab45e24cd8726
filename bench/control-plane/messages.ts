/** What the bench and its server process say to each other. */

export type ChangeKind = "ordinary" | "revocation";

export type Request =
  | { readonly kind: "info" }
  | { readonly kind: "register"; readonly prefix: string; readonly count: number }
  | {
      readonly kind: "burst";
      readonly perSecond: number;
      readonly seconds: number;
      readonly change: ChangeKind | "mixed";
    }
  | { readonly kind: "stats"; readonly collect: boolean };

export interface Commit {
  readonly number: number;
  readonly revocation: boolean;
  /** System-wide monotonic clock, in nanoseconds. */
  readonly atNs: string;
}

export interface Stats {
  readonly kind: "stats";
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly streams: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  readonly cpuMs: number;
}

export interface Info {
  readonly kind: "info";
  readonly port: number;
  /** From the start of reading everything to the port being open. */
  readonly readMs: number;
  readonly resources: number;
  readonly revision: { readonly epoch: number; readonly number: number };
  readonly digest: string;
}

export type Reply =
  | Info
  | Stats
  | {
      readonly kind: "registered";
      readonly nodes: readonly { readonly id: string; readonly token: string }[];
    }
  | { readonly kind: "commits"; readonly commits: readonly Commit[] };
