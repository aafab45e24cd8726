/** `POST /try` behind session and CSRF token: the console's "Try it" speaks to the ingress through here. */
import { NameResolver } from "@latchkey/observe";
import { CSRF_HEADER, type RequestAuth } from "../auth/request-auth.js";
import { unauthenticated } from "../errors/http-error.js";
import type { Services } from "../services.js";
import type { Exchange } from "./exchange.js";
import { createTryItHandler, type TryItRoute } from "./try-it.js";

export interface TryHandlerDeps {
  readonly auth: RequestAuth;
  readonly services: Services;
  readonly ingressUrl: string | null;
}

export class TryHandler {
  readonly #auth: RequestAuth;
  readonly #services: Services;
  readonly #handle: ReturnType<typeof createTryItHandler>;

  constructor(deps: TryHandlerDeps) {
    this.#auth = deps.auth;
    this.#services = deps.services;
    this.#handle = createTryItHandler({
      ingressUrl: deps.ingressUrl,
      lookup: new NameResolver().lookup,
      routesOf: (apiId) => this.#routesOf(apiId),
    });
  }

  async handle(exchange: Exchange): Promise<void> {
    if ((await this.#auth.identify(exchange.caller("try it"), exchange.header(CSRF_HEADER))) === null)
      throw unauthenticated();
    await this.#handle(exchange.req, exchange.res);
  }

  async #routesOf(apiId: string): Promise<readonly TryItRoute[]> {
    const { apis, integrations } = this.#services;
    const routes = await apis.routeHeadsOf([apiId]);
    const found = await integrations.findMany([...new Set(routes.map((route) => route.integrationId))]);
    const names = new Map<string, string>(found.map(({ id, name }) => [id, name]));
    return routes.map(({ id, method, pattern, integrationId }) => ({
      id,
      method,
      pattern,
      integrationId,
      integrationName: names.get(integrationId) ?? "",
    }));
  }
}
