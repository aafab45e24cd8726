/** How the URLs of integrations are on nodes, from what these report of those that are out of rotation. Pure. */
import type { ImpairedReport } from "../snapshot/node-observer.js";

export type UrlState = "in-use" | "unhealthy" | "circuit-open" | "circuit-half-open" | "unknown";

export interface UrlHealth {
  readonly url: string;
  readonly state: UrlState;
  readonly sinceMs: number | null;
  readonly lastError: string | null;
}

export interface NodeUrls {
  readonly nodeId: string;
  readonly nodeName: string;
  readonly urls: readonly UrlHealth[];
}

export interface IntegrationUrls {
  readonly id: string;
  readonly urls: readonly string[];
}

/** @param report null: the node is not heard now, or does not report */
export function nodeUrls(
  node: { readonly id: string; readonly name: string },
  report: ImpairedReport | null,
  integration: IntegrationUrls,
): NodeUrls {
  const mine = report?.listed.filter(({ integrationId }) => integrationId === integration.id) ?? [];
  // A node that cannot list them all says nothing of the others.
  const otherwise: UrlState = report === null || report.count > report.listed.length ? "unknown" : "in-use";
  const urls = integration.urls.map((url, index): UrlHealth => {
    const impaired = mine.find(({ urlIndex }) => urlIndex === index);
    if (impaired === undefined) return { url, state: otherwise, sinceMs: null, lastError: null };
    const { state, sinceMs, lastError } = impaired;
    return { url, state, sinceMs, lastError: lastError === "" ? null : lastError };
  });
  return { nodeId: node.id, nodeName: node.name, urls };
}

export interface ImpairedIntegration {
  readonly id: string;
  /** That at least one node does not use. */
  readonly urls: number;
  readonly nodes: number;
  readonly sinceMs: number;
}

/** Those on most nodes first. */
export function impairedIntegrations(
  reports: readonly (ImpairedReport | null)[],
): readonly ImpairedIntegration[] {
  const found = new Map<string, { urls: Set<number>; nodes: Set<number>; sinceMs: number }>();
  for (const [node, report] of reports.entries())
    for (const { integrationId, urlIndex, sinceMs } of report?.listed ?? []) {
      const known = found.get(integrationId) ?? { urls: new Set(), nodes: new Set(), sinceMs };
      known.urls.add(urlIndex);
      known.nodes.add(node);
      known.sinceMs = Math.min(known.sinceMs, sinceMs);
      found.set(integrationId, known);
    }
  return [...found]
    .map(([id, { urls, nodes, sinceMs }]) => ({ id, urls: urls.size, nodes: nodes.size, sinceMs }))
    .sort((a, b) => b.nodes - a.nodes || b.urls - a.urls || a.sinceMs - b.sinceMs);
}
