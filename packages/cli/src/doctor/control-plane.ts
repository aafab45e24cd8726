/** The control plane: reachable, with the right token, of a release that fits, with the same clock; and its nodes. */
import { release } from "@latchkey/observe/release";
import { type Finding, ok, problem, warning } from "./finding.js";

const REQUEST_MS = 5_000;
const CLOCK_MS_MAX = 2_000;
/** Of one node. */
const REJECTED_SHOWN_MAX = 10;

export interface Integration {
  readonly name: string;
  readonly urls: readonly string[];
  readonly credentials: readonly {
    /** Null: a credential of another kind. Empty texts: as the machine and the URL have it. */
    readonly mutualTls: { readonly ca: string; readonly serverName: string } | null;
  }[];
}

interface Rejected {
  readonly kind: string;
  readonly resourceId: string;
  readonly reason: string;
}

interface Data {
  readonly server: {
    readonly version: string;
    readonly databaseSetBack: { readonly message: string } | null;
  };
  readonly ingressNodes: {
    readonly nodes: readonly {
      readonly name: string;
      readonly status: string;
      readonly softwareVersion: string | null;
      readonly lastNack: { readonly reason: string } | null;
      readonly rejectedResources: readonly Rejected[];
    }[];
  };
  readonly integrations: { readonly nodes: readonly Integration[] };
}

const QUERY = `{
  server { version databaseSetBack { message } }
  ingressNodes(first: 100) { nodes { name status softwareVersion lastNack { reason } rejectedResources { kind resourceId reason } } }
  integrations(first: 100, filter: { routable: true }) { nodes { name urls credentials { mutualTls { ca serverName } } } }
}`;

/** What to do for each state of a node. */
const NODE_TODO: Readonly<Record<string, string>> = {
  NEVER_SEEN: "Start it with its token, or delete it: docs/operations.md.",
  SILENT: "Check its process and its way to the control plane's gRPC port: docs/operations.md.",
  LAGGING: "Check its processor and network: docs/operations.md.",
  DRIFTED: "Restart it; it takes a snapshot anew: docs/operations.md.",
  REJECTING: "Read its log; a newer release may be needed: docs/operations.md.",
};

/** @returns findings, and the integrations; null: the control plane did not respond as one */
export async function checkControlPlane(
  url: string,
  token: string,
  nowMs: () => number,
): Promise<{ findings: Finding[]; integrations: readonly Integration[] | null }> {
  const subject = "control plane";
  const failed = (finding: Finding) => ({ findings: [finding], integrations: null });
  const sentMs = nowMs();
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: QUERY }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
  } catch (error) {
    return failed(
      problem(
        subject,
        `${url} does not respond: ${reason(error)}`,
        "Start it, or name another one with --url.",
      ),
    );
  }
  if (response.status === 401)
    return failed(
      problem(subject, `${url} refuses the token`, "Run `latchkey login` with the right admin token."),
    );
  const clock = checkClock(response.headers.get("date"), sentMs, nowMs());
  const body = (await response.json().catch(() => null)) as { readonly data?: Data } | null;
  const data = body?.data;
  if (data === undefined || data === null)
    return failed(
      problem(
        subject,
        `${url} responded with ${response.status} and no data`,
        "Check --url: it may be another server.",
      ),
    );
  return {
    findings: [
      ok(subject, `${url}, Latchkey ${data.server.version}`),
      ...checkRelease(data),
      clock,
      ...data.ingressNodes.nodes.flatMap((node) => checkNode(node, data.server.version)),
    ],
    integrations: data.integrations.nodes,
  };
}

function checkRelease({ server }: Data): Finding[] {
  const findings: Finding[] = [];
  if (server.version !== release)
    findings.push(
      warning(
        "release",
        `this command is ${release}, the control plane ${server.version}`,
        "Use the command of the control plane's release.",
      ),
    );
  if (server.databaseSetBack !== null)
    findings.push(problem("database", server.databaseSetBack.message, "docs/operations.md says what to do."));
  return findings;
}

/** The header has whole seconds, so that half a second is added; half of the time between request and response goes off. */
export function checkClock(header: string | null, sentMs: number, receivedMs: number): Finding {
  const serverMs = header === null ? Number.NaN : Date.parse(header) + 500;
  if (Number.isNaN(serverMs)) return ok("clock", "not compared: the response has no Date");
  const differenceMs = Math.round(serverMs - (sentMs + receivedMs) / 2);
  const allowedMs = CLOCK_MS_MAX + (receivedMs - sentMs) / 2;
  if (Math.abs(differenceMs) <= allowedMs) return ok("clock", "the same as the control plane's");
  return problem(
    "clock",
    `${Math.abs(differenceMs / 1000).toFixed(0)} s ${differenceMs > 0 ? "behind" : "ahead of"} the control plane's`,
    "Run a time service (systemd-timesyncd, chrony) on both machines: keys expire by the clock.",
  );
}

function checkNode(node: Data["ingressNodes"]["nodes"][number], version: string): Finding[] {
  const subject = `node ${node.name}`;
  if (node.status === "REJECTING" && node.rejectedResources.length > 0)
    return rejectedFindings(subject, node.rejectedResources);
  return [nodeFinding(node, subject, version)];
}

function rejectedFindings(subject: string, rejected: readonly Rejected[]): Finding[] {
  const findings = rejected
    .slice(0, REJECTED_SHOWN_MAX)
    .map(({ kind, resourceId, reason }) =>
      problem(
        subject,
        `cannot use ${kind === "API" ? "API" : kind.toLowerCase()} ${resourceId}: ${reason}`,
        kind === "CREDENTIAL"
          ? "Put the variable or the file on the node, or change the credential: docs/credentials.md."
          : "Change or delete it, or upgrade the node: docs/operations.md.",
      ),
    );
  const more = rejected.length - findings.length;
  return more <= 0
    ? findings
    : [...findings, problem(subject, `cannot use ${more} more resources`, "Read its /status.")];
}

function nodeFinding(node: Data["ingressNodes"]["nodes"][number], subject: string, version: string): Finding {
  const todo = NODE_TODO[node.status];
  const nack = node.lastNack === null ? "" : `: ${node.lastNack.reason}`;
  if (todo !== undefined)
    return problem(subject, `${node.status.toLowerCase().replace("_", " ")}${nack}`, todo);
  if (node.softwareVersion !== null && node.softwareVersion !== version)
    return warning(
      subject,
      `healthy, of release ${node.softwareVersion}`,
      `Upgrade it to ${version}: docs/deploy.md.`,
    );
  return ok(subject, "healthy");
}

function reason(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return inner instanceof Error ? inner.message || inner.name : String(inner);
}
