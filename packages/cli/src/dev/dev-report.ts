/** What `latchkey dev` prints when all is ready: for a person, or one line of JSON for a script. */
import type { SeededApi } from "./dev-state.js";

export interface RunningApi extends SeededApi {
  readonly key: string;
}

/** What a first `createApi` needs. */
export interface SampleTarget {
  readonly subscriptionId: string;
  readonly integrationId: string;
}

export interface DevReport {
  readonly json: boolean;
  readonly startMs: number;
  readonly graphqlUrl: string;
  readonly consoleUrl: string;
  readonly grpcAddress: string;
  readonly ingressUrl: string;
  readonly ingressAdminUrl: string;
  readonly upstreamUrl: string;
  readonly adminToken: string;
  readonly dataDir: string;
  readonly apis: readonly RunningApi[];
  /** Null when there is no integration to route to. */
  readonly target: SampleTarget | null;
}

export function devReport(report: DevReport): string {
  return report.json ? `${JSON.stringify(jsonReport(report))}\n` : text(report);
}

function jsonReport({ json: _json, target: _target, startMs: _startMs, ...report }: DevReport): unknown {
  return {
    ...report,
    apis: report.apis.map((api) => ({ ...api, url: report.ingressUrl + examplePath(api.path) })),
  };
}

function text(report: DevReport): string {
  const lines = [
    "",
    `Latchkey is ready (started in ${(report.startMs / 1000).toFixed(1)} s).`,
    "",
    `  Console      ${report.consoleUrl}   sign in with the admin token`,
    `  Admin token  ${report.adminToken}`,
    `  GraphiQL     ${report.graphqlUrl}   in a browser, after the same sign-in`,
    `  GraphQL      ${report.graphqlUrl}   with the header Authorization: Bearer <admin token>`,
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
  if (report.target !== null)
    lines.push(
      "",
      "Create your own API; the response has its key:",
      ...createApiCommand(report, report.target),
    );
  lines.push("", "Ctrl-C drains and stops.", "");
  return `${lines.join("\n")}\n`;
}

/** `/orders/{orderId}` → `/orders/17`. */
function examplePath(pattern: string): string {
  return pattern.replaceAll(/\{[^{}]+\}/g, "17");
}

/** A request body in single quotes of a shell: it has none of its own. */
function createApiCommand(report: DevReport, { subscriptionId, integrationId }: SampleTarget): string[] {
  const body = {
    query:
      "mutation($input: CreateApiInput!) { createApi(input: $input) { api { id } secret userErrors { field message } } }",
    variables: {
      input: {
        subscriptionId,
        title: "My first API",
        routes: [{ method: "PUT", path: "/hello/{name}", integrationId }],
      },
    },
  };
  return [
    `  curl ${report.graphqlUrl} -H 'Authorization: Bearer ${report.adminToken}' \\`,
    `    -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`,
  ];
}
