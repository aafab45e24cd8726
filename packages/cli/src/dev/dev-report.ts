/** What `latchkey dev` prints when all is ready: for a person, or one line of JSON for a script. */
import type { SeededApi } from "./dev-state.js";

export interface RunningApi extends SeededApi {
  readonly key: string;
}

export interface DevReport {
  readonly json: boolean;
  readonly graphqlUrl: string;
  readonly consoleUrl: string;
  readonly grpcAddress: string;
  readonly ingressUrl: string;
  readonly ingressAdminUrl: string;
  readonly upstreamUrl: string;
  readonly adminToken: string;
  readonly dataDir: string;
  readonly apis: readonly RunningApi[];
}

export function devReport(report: DevReport): string {
  return report.json ? `${JSON.stringify(jsonReport(report))}\n` : text(report);
}

function jsonReport({ json: _json, ...report }: DevReport): unknown {
  return {
    ...report,
    apis: report.apis.map((api) => ({ ...api, url: report.ingressUrl + examplePath(api.path) })),
  };
}

function text(report: DevReport): string {
  const lines = [
    "",
    "Latchkey is ready.",
    "",
    `  Console      ${report.consoleUrl}`,
    `  GraphQL      ${report.graphqlUrl}`,
    `  Admin token  ${report.adminToken}`,
    `  Ingress      ${report.ingressUrl}`,
    `  Health       ${report.ingressAdminUrl}/readyz`,
    `  Data         ${report.dataDir}`,
    "",
    "Two APIs with the same path; only the key tells them apart:",
  ];
  for (const api of report.apis) {
    lines.push(
      "",
      `  ${api.title}: ${api.method} ${api.path}`,
      `    curl -X ${api.method} ${report.ingressUrl}${examplePath(api.path)} \\`,
      `      -H 'Connxio-Api-Key: ${api.key}' \\`,
      `      -H 'Content-Type: application/json' -d '{"quantity": 3}'`,
    );
  }
  if (report.apis.length === 0) lines.push("", "  (the sample APIs were deleted)");
  lines.push(
    "",
    "Your own API over GraphQL:",
    `  curl ${report.graphqlUrl} -H 'Authorization: Bearer ${report.adminToken}' \\`,
    `    -H 'Content-Type: application/json' -d '{"query": "{ apis(first: 10) { nodes { id title } } }"}'`,
    "",
    "Ctrl-C drains and stops.",
    "",
  );
  return `${lines.join("\n")}\n`;
}

/** `/orders/{orderId}` → `/orders/17`. */
function examplePath(pattern: string): string {
  return pattern.replaceAll(/\{[^{}]+\}/g, "17");
}
