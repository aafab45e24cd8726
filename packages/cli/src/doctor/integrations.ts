/** Whether the targets of integrations take connections from this machine. Sends nothing to them. */
import { connect, isIP } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { GraphqlClient } from "../graphql-client.js";
import { kindNamed } from "../resources/kinds.js";
import { listFirst } from "../resources/list-all.js";
import { type Finding, ok, problem, warning } from "./finding.js";

const CONNECT_MS = 3_000;
const AT_ONCE = 16;
/** With targets that do not respond it takes three minutes and more. */
const INTEGRATIONS_MAX = 1_000;

export interface Integration {
  readonly name: string;
  readonly urls: readonly string[];
  readonly credentials: readonly {
    /** Null: a credential of another kind. Empty texts: as the machine and the URL have it. */
    readonly mutualTls: { readonly ca: string; readonly serverName: string } | null;
  }[];
}

const SELECTION = "name urls credentials { mutualTls { ca serverName } }";

export async function checkIntegrations(client: GraphqlClient): Promise<Finding[]> {
  const kind = { ...kindNamed("integration"), selection: SELECTION };
  const { items, isWhole } = await listFirst(
    client,
    kind,
    { routable: true },
    { itemsMax: INTEGRATIONS_MAX },
  );
  const findings = await checkTargets(items as unknown as readonly Integration[]);
  if (!isWhole)
    findings.push(
      warning(
        "integrations",
        `only the targets of the first ${items.length} are checked`,
        "Test the others: `latchkey test <integration>`.",
      ),
    );
  return findings;
}

export async function checkTargets(integrations: readonly Integration[]): Promise<Finding[]> {
  const targets = integrations.flatMap((integration) =>
    integration.urls.map((url) => ({ name: integration.name, url, tls: tlsOf(integration) })),
  );
  const findings: Finding[] = [];
  for (let start = 0; start < targets.length; start += AT_ONCE) {
    const group = targets.slice(start, start + AT_ONCE);
    findings.push(...(await Promise.all(group.map(({ name, url, tls }) => checkTarget(name, url, tls)))));
  }
  return findings;
}

/** What a client certificate says of the target's one. */
function tlsOf({ credentials }: Integration): ConnectionOptions {
  const { ca = "", serverName = "" } = credentials.find(({ mutualTls }) => mutualTls)?.mutualTls ?? {};
  return { ...(ca !== "" && { ca }), ...(serverName !== "" && { servername: serverName }) };
}

async function checkTarget(name: string, text: string, tls: ConnectionOptions): Promise<Finding> {
  const subject = `integration ${name}`;
  const failure = URL.canParse(text) ? await reach(new URL(text), tls) : "the URL cannot be read";
  if (failure === null) return ok(subject, `${text} takes connections from this machine`);
  return problem(
    subject,
    `${text}: ${failure}`,
    "Check the URL, the target, DNS and firewalls; a node elsewhere may reach it all the same.",
  );
}

/** Null when it connects, TLS included. */
function reach({ protocol, hostname, port }: URL, tls: ConnectionOptions): Promise<string | null> {
  const host = hostname.replace(/^\[|\]$/g, "");
  const isTls = protocol === "https:";
  const address = { host, port: Number(port) || (isTls ? 443 : 80), timeout: CONNECT_MS };
  return new Promise((done) => {
    const socket = isTls
      ? connectTls({ ...address, servername: isIP(host) === 0 ? host : "", ...tls })
      : connect(address);
    const end = (failure: string | null) => {
      clearTimeout(limit);
      socket.destroy();
      done(failure);
    };
    const limit = setTimeout(() => end(`no connection within ${CONNECT_MS / 1000} s`), CONNECT_MS);
    socket.once(isTls ? "secureConnect" : "connect", () => end(null));
    socket.once("error", (error) =>
      end(error.message || ((error as NodeJS.ErrnoException).code ?? error.name)),
    );
  });
}
