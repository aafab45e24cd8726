/** All nodes, asked page by page and then kept up to date by the subscription, which names those that changed. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { type CombinedError, useClient, useQuery, useSubscription } from "urql";
import { type NodeFieldsFragment, NodesChangedDocument, NodesDocument } from "../../gen/nodes.js";
import { restOfPages } from "../../graphql/rest-of-pages.js";

export interface Nodes {
  /** Null: not known yet. */
  readonly nodes: readonly NodeFieldsFragment[] | null;
  /** Number of the newest revision that exists, as far as the nodes tell; null: no node tells. */
  readonly newestRevision: number | null;
  readonly error: CombinedError | undefined;
  readonly refetch: () => void;
}

type Heard = ReadonlyMap<string, NodeFieldsFragment>;

const nothing: Heard = new Map();
const firstPage = {};

export function useNodes(): Nodes {
  const client = useClient();
  const [{ data, error }, execute] = useQuery({
    query: NodesDocument,
    variables: firstPage,
    requestPolicy: "cache-and-network",
  });
  const [rest, setRest] = useState<readonly NodeFieldsFragment[]>([]);
  const [heard, setHeard] = useState(nothing);
  const [{ data: changed }] = useSubscription({ query: NodesChangedDocument });
  useEffect(() => {
    if (changed === undefined) return;
    setHeard(
      (before) => new Map([...before, ...changed.nodesChanged.map((node) => [node.id, node] as const)]),
    );
  }, [changed]);
  // The response to the query is newer than what was heard before it, and leaves out what was removed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the response changes
  useEffect(() => setHeard(nothing), [data]);
  useEffect(() => {
    if (data === undefined) return undefined;
    let isCurrent = true;
    const next = async (after: string) => {
      const page = await client.query(NodesDocument, { after }, { requestPolicy: "network-only" });
      return page.data?.ingressNodes ?? null;
    };
    void restOfPages(data.ingressNodes, next).then((nodes) => {
      if (isCurrent) setRest(nodes);
    });
    return () => {
      isCurrent = false;
    };
  }, [client, data]);
  const refetch = useCallback(() => execute({ requestPolicy: "network-only" }), [execute]);
  const first = data?.ingressNodes.nodes;
  const nodes = useMemo(() => {
    if (first === undefined) return null;
    // A list that changed between two pages may have a node on both.
    const asked = [...new Map([...first, ...rest].map((node) => [node.id, node])).values()];
    const known = new Set(asked.map((node) => node.id));
    const added = [...heard.values()].filter((node) => !known.has(node.id));
    return [...asked.map((node) => heard.get(node.id) ?? node), ...added];
  }, [first, rest, heard]);
  const newestRevision = useMemo(() => {
    const known = (nodes ?? []).flatMap((node) =>
      node.revision === null || node.lagRevisions === null ? [] : [node.revision.number + node.lagRevisions],
    );
    return known.length === 0 ? null : Math.max(...known);
  }, [nodes]);
  return { nodes, newestRevision, error, refetch };
}
