/** `latchkey status`: the control plane, its nodes and the traffic of the last minute on one screen. */
import type { Command } from "commander";
import { type ControlPlaneOptions, clientOf, urlOf, withControlPlane } from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { counted } from "../format/counted.js";
import { type FormatOptions, printDocument, withFormat } from "../format/result.js";
import { tableLines } from "../format/table.js";
import { print } from "../output.js";
import type { Item } from "../resources/kind.js";
import { kindNamed } from "../resources/kinds.js";

interface Status {
  readonly server: {
    readonly version: string;
    readonly ingressUrl: string | null;
    readonly databaseSetBack: { readonly message: string } | null;
  };
  readonly revision: { readonly epoch: number; readonly number: number };
  readonly apis: { readonly totalCount: number };
  readonly integrations: { readonly totalCount: number };
  readonly ingressNodes: { readonly nodes: readonly Item[] };
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
    const status = await clientOf(options).query<Status>(
      `{ server { version ingressUrl databaseSetBack { message } } revision { epoch number }
         apis(first: 0) { totalCount } integrations(first: 0) { totalCount }
         ingressNodes(first: 100) { nodes { ${kind.selection} } }
         traffic(points: 60) { total { requests clientErrors serverErrors p99Ms } } }`,
    );
    if (await printDocument(options, status)) return;
    const { server, revision, apis, integrations, ingressNodes, traffic } = status;
    const { requests, clientErrors, serverErrors, p99Ms } = traffic.total;
    print([
      `Control plane   ${urlOf(options)}, Latchkey ${server.version}`,
      `Ingress         ${server.ingressUrl ?? "no public URL is set"}`,
      `Revision        ${revision.epoch}/${revision.number}`,
      `APIs            ${apis.totalCount} (${counted(integrations.totalCount, "integration")})`,
      `Last minute     ${counted(requests, "request")}, ${clientErrors} with 4xx, ${serverErrors} with 5xx${p99Ms === null ? "" : `, p99 ${p99Ms.toFixed(1)} ms`}`,
      ...(server.databaseSetBack === null ? [] : [`Warning         ${server.databaseSetBack.message}`]),
      "",
      ...(ingressNodes.nodes.length === 0
        ? ["No nodes: `latchkey nodes create <name>` registers one."]
        : tableLines(kind.columns, ingressNodes.nodes, true)),
    ]);
  });
}
