/** The control plane: reachable, with the right token, of a release that fits, with the same clock. */
import { release } from "@latchkey/observe/release";
import { requestFailed } from "../graphql-client.js";
import { type Finding, ok, problem, warning } from "./finding.js";

const REQUEST_MS = 5_000;
const CLOCK_MS_MAX = 2_000;
interface Data {
  readonly server: {
    readonly version: string;
    readonly databaseSetBack: { readonly message: string } | null;
  };
}

const QUERY = "{ server { version databaseSetBack { message } } }";

/** @returns findings, and its release; null: the control plane did not respond as one */
export async function checkControlPlane(
  url: string,
  token: string,
  nowMs: () => number,
): Promise<{ findings: Finding[]; version: string | null }> {
  const subject = "control plane";
  const failed = (finding: Finding) => ({ findings: [finding], version: null });
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
        `${url} does not respond: ${requestFailed(error)}`,
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
    findings: [ok(subject, `${url}, Latchkey ${data.server.version}`), ...checkRelease(data), clock],
    version: data.server.version,
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
