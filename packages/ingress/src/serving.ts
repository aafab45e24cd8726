/** Who serves the clients: this process, or workers. Types only. */
import type { ImpairedTargets } from "./usage/impaired-targets.js";
import type { IngressStats } from "./usage/ingress-stats.js";
import type { IntegrationStates } from "./usage/integration-states.js";
import type { RequestSeries } from "./usage/request-series.js";

export interface Serving {
  readonly port: number;
  readonly engine: string;
  readonly engineDescription: string;
  /** 1 when this process serves by itself. */
  readonly workers: number;
  readonly stats: () => IngressStats;
  /** With all that is known up to now. */
  readonly series: () => RequestSeries;
  inFlight(): number;
  connections(): number;
  upstream(): { readonly open: number; readonly idle: number; readonly waiting: number };
  integrations(): IntegrationStates;
  /** Targets out of rotation. */
  impaired(): ImpairedTargets;
  /** The longest delay of the event loop of a process that serves, since the last call. */
  takeLoopDelayMs(): number;
  usageDropped(): number;
  rssBytes(): number;
  /** Of the workers. */
  childLogLinesLost(): number;
  /** Null: fit to serve; else why not. */
  notReady(): string | null;
  reloadFiles(): void;
  drain(): Promise<void>;
}
