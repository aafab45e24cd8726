/** The rows and columns of the routes that lead to an integration. */
import type { IntegrationUsesQuery } from "../../gen/where-used.js";
import type { Column } from "../../ui/column.js";
import { MethodBadge } from "../../ui/method-badge.js";
import { RowLink } from "../../ui/row-link.js";

type UsingApi = IntegrationUsesQuery["apis"]["nodes"][number];

export interface RouteUse {
  readonly id: string;
  readonly method: UsingApi["routes"][number]["method"];
  readonly path: string;
  readonly apiId: string;
  readonly apiTitle: string;
}

/** The search found APIs: of one whose title does not match, only the routes that do. */
export function routesUsing(
  apis: readonly UsingApi[],
  integrationId: string,
  search: string,
): readonly RouteUse[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  return apis.flatMap((api) => {
    const routes = api.routes.filter(({ integration }) => integration.id === integrationId);
    const matching = routes.filter(({ method, path }) => has(`${api.title} ${method} ${path}`));
    return (matching.length > 0 ? matching : routes).map(({ id, method, path }) => ({
      id,
      method,
      path,
      apiId: api.id,
      apiTitle: api.title,
    }));
  });
}

export const usesColumns: readonly Column<RouteUse>[] = [
  {
    key: "api",
    label: "API",
    kind: "title",
    cell: (row) => <RowLink to={`/apis/${row.apiId}`}>{row.apiTitle}</RowLink>,
  },
  { key: "method", label: "Method", cell: (row) => <MethodBadge method={row.method} compact /> },
  { key: "path", label: "Path", cell: (row) => <span className="lk-mono lk-break">{row.path}</span> },
];
