/** The way from nothing to a first request: which of the three steps are done, and the curl line of the last. Pure. */
import type { OverviewQuery } from "../../gen/overview.js";
import { curlLine, fillPath, hasBody, ingressBase, parametersOf } from "../try-it/request-parts.js";

type Api = OverviewQuery["apis"]["nodes"][number];

export interface FirstRunSteps {
  readonly hasIntegration: boolean;
  /** The first API that has a route; null: there is none yet. */
  readonly api: Api | null;
  readonly hasRequest: boolean;
}

export function firstRunSteps({ integrations, apis, traffic }: OverviewQuery): FirstRunSteps {
  const api = apis.nodes.find(({ routePreview, keys }) => routePreview.length > 0 && keys.nodes.length > 0);
  return {
    hasIntegration: integrations.totalCount > 0,
    api: api ?? null,
    hasRequest:
      traffic.total.requests > 0 ||
      apis.nodes.some(({ keys }) => keys.nodes.some(({ lastUsedAt }) => lastUsedAt !== null)),
  };
}

/** Those of `latchkey dev` and one of the operator's. */
const FIRST_APIS_MAX = 3;

/** Whether the steps are shown: an operator with many APIs knows the way. */
export function isFirstRun(data: OverviewQuery): boolean {
  const { hasIntegration, api, hasRequest } = firstRunSteps(data);
  return data.apis.totalCount <= FIRST_APIS_MAX && !(hasIntegration && api !== null && hasRequest);
}

/** A request to the API's first route. Parameters are 1, so that the line can be sent as it is. */
export function firstCurl(api: Api, server: OverviewQuery["server"], secret: string): string {
  const route = api.routePreview[0];
  const pattern = route?.path ?? "/";
  const values = Object.fromEntries(parametersOf(pattern).map((name) => [name, "1"]));
  const method = route === undefined || route.method === "ANY" ? "GET" : route.method;
  const isWithBody = hasBody(method) && method !== "DELETE" && method !== "OPTIONS";
  return curlLine({
    method,
    url: `${ingressBase(server.ingressUrl)}${fillPath(pattern, values)}`,
    headers: [
      [server.keyHeader, secret],
      ...(isWithBody ? ([["Content-Type", "application/json"]] as const) : []),
    ],
    body: isWithBody ? "{}" : null,
  });
}
