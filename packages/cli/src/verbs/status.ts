/** `latchkey status`: the control plane, its nodes and the traffic of the last minute on one screen. */
import type { Command } from "commander";
import { type ControlPlaneOptions, clientOf, urlOf, withControlPlane } from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { counted } from "../format/counted.js";
import { type FormatOptions, printDocument, withFormat } from "../format/result.js";
import { tableLines } from "../format/table.js";
import { print } from "../output.js";
import { kindNamed } from "../resources/kinds.js";
import { listAll } from "../resources/list-all.js";

interface Status {
  readonly server: {
    readonly version: string;
    readonly ingressUrl: string | null;
    readonly databaseSetBack: { readonly message: string } | null;
  };
  readonly revision: { readonly epoch: number; readonly number: number };
  readonly apis: { readonly totalCount: number };
  readonly integrations: { readonly totalCount: number };
  readonly traffic: {
    readonly total: {
      readonly requests: number;
      readonly clientErrors: number;
      readonly serverErrors: number;
      readonly p99Ms: number | null;
    };
  };
}

export function addStatusVerb(program: Command): void {
  const kind = kindNamed("node");
  withExamples(
    withFormat(
      withControlPlane(program.command("status").description("show control plane, nodes and traffic")),
    ),
    ["latchkey status", "latchkey status --json --context production"],
  ).action(async (options: ControlPlaneOptions & FormatOptions) => {
    const client = clientOf(options);
    const status = await client.query<Status>(
      `{ server { version ingressUrl databaseSetBack { message } } revision { epoch number }
         apis(first: 0) { totalCount } integrations(first: 0) { totalCount }
         traffic(points: 60) { total { requests clientErrors serverErrors p99Ms } } }`,
    );
    const nodes = await listAll(client, kind, {});
    if (await printDocument(options, { ...status, ingressNodes: { nodes } })) return;
    const { server, revision, apis, integrations, traffic } = status;
    const { requests, clientErrors, serverErrors, p99Ms } = traffic.total;
    print([
      `Control plane   ${urlOf(options)}, Latchkey ${server.version}`,
      `Ingress         ${server.ingressUrl ?? "no public URL is set"}`,
      `Revision        ${revision.epoch}/${revision.number}`,
      `APIs            ${apis.totalCount} (${counted(integrations.totalCount, "integration")})`,
      `Last minute     ${counted(requests, "request")}, ${clientErrors} with 4xx, ${serverErrors} with 5xx${p99Ms === null ? "" : `, p99 ${p99Ms.toFixed(1)} ms`}`,
      ...(server.databaseSetBack === null ? [] : [`Warning         ${server.databaseSetBack.message}`]),
      "",
      ...(nodes.length === 0
        ? ["No nodes: `latchkey nodes create <name>` registers one."]
        : tableLines(kind.columns, nodes, true)),
    ]);
  });
}
