/** Finds a route by its id, or by its method and path, which routes of several APIs may have. */
import type { GraphqlClient } from "../graphql-client.js";

const CANDIDATES_MAX = 100;
const NAMED_MAX = 3;

interface Route {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly api: { readonly title: string };
}

interface Found {
  readonly node: { readonly id?: string } | null;
  readonly candidates: readonly Route[] | { readonly routes: readonly Route[] } | null;
}

/**
 * @param text an id, or method and path: `GET /orders/{id}`
 * @param apiId the API that the route is of; undefined: any
 * @throws Error for none or several
 */
export async function findRouteId(
  client: GraphqlClient,
  text: string,
  apiId: string | undefined,
): Promise<string> {
  const selection = "{ id method path api { title } }";
  const [declared, candidates] =
    apiId === undefined
      ? ["$text: String!", `searchRoutes(search: $text, first: ${CANDIDATES_MAX}) ${selection}`]
      : ["$apiId: ID!", `api(id: $apiId) { routes ${selection} }`];
  const found = await client.query<Found>(
    `query($id: ID!, ${declared}) { node(id: $id) { ... on Route { id } } candidates: ${candidates} }`,
    { id: text, ...(apiId === undefined ? { text } : { apiId }) },
  );
  if (found.node?.id !== undefined) return found.node.id;
  const routes =
    found.candidates === null
      ? []
      : "routes" in found.candidates
        ? found.candidates.routes
        : found.candidates;
  const named = routes.filter(({ method, path }) => `${method} ${path}` === text);
  const [first] = named;
  if (first === undefined)
    throw new Error(
      `--route: there is no route "${text}"; give its id or its method and path, such as 'GET /orders/{id}', as \`latchkey get api\` shows them`,
    );
  if (named.length > 1)
    throw new Error(
      `--route: several APIs have a route "${text}" (${named
        .slice(0, NAMED_MAX)
        .map(({ api, id }) => `${id} of "${api.title}"`)
        .join(", ")}${named.length > NAMED_MAX ? ", …" : ""}): give --api too, or the id`,
    );
  return first.id;
}
