/** The address of the same page of another API. Pure. */

/** Parts of a query that mean the same for every API. */
const SHARED_PARAMETERS = ["window", "node", "view"];

export interface Place {
  readonly pathname: string;
  readonly search: string;
}

/** What belongs to one API alone (a key, a route, a cursor) is left out. */
export function samePageOf({ pathname, search }: Place, fromId: string, toId: string): string {
  const [page = ""] = pathname.slice(`/apis/${fromId}/`.length).split("/");
  const query = new URLSearchParams();
  const current = new URLSearchParams(search);
  for (const name of SHARED_PARAMETERS) {
    const value = current.get(name);
    if (value !== null) query.set(name, value);
  }
  const path = page === "" ? `/apis/${toId}` : `/apis/${toId}/${page}`;
  return query.size === 0 ? path : `${path}?${query}`;
}
