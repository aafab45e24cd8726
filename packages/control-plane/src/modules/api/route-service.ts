/** Use cases of a single route. Each is a change of its API's form, so all rules of the form hold. */

import { err, ok } from "@latchkey/core";
import type { ResponseValidation } from "@latchkey/snapshot";
import type { Db } from "../../db/schema.js";
import { notFound, type Outcome, type UserErrors } from "../../errors/user-error.js";
import { checkNulls, type Maybe } from "../../forms/form.js";
import type { HeaderRulesForm } from "../../forms/header-rules-form.js";
import type { LimitsForm } from "../../forms/limit-form.js";
import type {
  Committed,
  UnitOfWork,
  UnitOfWorkRunner,
  WorkContext,
} from "../../unit-of-work/unit-of-work.js";
import type { Api, Route, RouteHead, RouteMethod } from "./api.js";
import type { ApiService } from "./api-service.js";
import { type RouteForm, routeFormOf } from "./route-form.js";
import { findRouteHead, findRoutesOf, searchRouteHeads } from "./route-store.js";

export interface AddRoute {
  readonly apiId: string;
  readonly route: RouteForm;
  /** Place among the API's routes, from 0; left out: the last one. */
  readonly position?: Maybe<number>;
  /** Of the API, as for the others. */
  readonly expectedVersion?: Maybe<number>;
}

/** What is left out stays; null removes the operation. */
export interface UpdateRoute extends LimitsForm {
  readonly id: string;
  readonly method?: Maybe<RouteMethod>;
  readonly path?: Maybe<string>;
  readonly integrationId?: Maybe<string>;
  readonly operationId?: Maybe<string>;
  readonly validate?: Maybe<boolean>;
  readonly responseValidation?: Maybe<ResponseValidation>;
  readonly operation?: Maybe<object>;
  readonly headerRules?: Maybe<HeaderRulesForm>;
  readonly requestBodyBytesMax?: Maybe<number>;
  readonly expectedVersion?: Maybe<number>;
}

/** What a route cannot be without. */
const alwaysSet = [
  "method",
  "path",
  "integrationId",
  "operationId",
  "validate",
  "responseValidation",
] as const satisfies readonly (keyof UpdateRoute)[];

export interface RemoveRoute {
  readonly id: string;
  readonly expectedVersion?: Maybe<number>;
}

export interface ChangedRoute {
  readonly api: Api;
  readonly route: RouteHead;
}

export class RouteService {
  readonly #db: Db;
  readonly #units: UnitOfWorkRunner;
  readonly #apis: ApiService;

  constructor(deps: { readonly db: Db; readonly units: UnitOfWorkRunner; readonly apis: ApiService }) {
    this.#db = deps.db;
    this.#units = deps.units;
    this.#apis = deps.apis;
  }

  search(text: string, limit: number): Promise<readonly RouteHead[]> {
    return searchRouteHeads(this.#db, text, limit);
  }

  add(context: WorkContext, input: AddRoute): Promise<Outcome<Committed<ChangedRoute>>> {
    return this.#units.run(context, async (scope) => {
      const forms = (await findRoutesOf(scope.trx, [input.apiId])).map(routeFormOf);
      const place = Math.min(Math.max(0, input.position ?? forms.length), forms.length);
      forms.splice(place, 0, { ...input.route, id: null });
      const { apiId: id, expectedVersion } = input;
      const outcome = await this.#apis.updateIn(scope, { id, expectedVersion, routes: forms });
      if (!outcome.ok) return err(placed(outcome.error, ["input", "route"], "apiId"));
      const { api, routes } = outcome.value;
      return ok({ api, route: routes[place] as Route });
    });
  }

  async update(context: WorkContext, input: UpdateRoute): Promise<Outcome<Committed<ChangedRoute>>> {
    const failure = checkNulls(input, alwaysSet);
    if (failure !== null) return failure;
    return this.#changeRoutes(context, input, (form) => [
      {
        ...form,
        method: input.method ?? form.method,
        path: input.path ?? form.path,
        integrationId: input.integrationId ?? form.integrationId,
        operationId: input.operationId ?? form.operationId,
        validate: input.validate ?? form.validate,
        responseValidation: input.responseValidation ?? form.responseValidation,
        operation: input.operation,
        headerRules: input.headerRules,
        requestBodyBytesMax: input.requestBodyBytesMax,
        rateLimit: input.rateLimit,
        quota: input.quota,
      },
    ]);
  }

  remove(context: WorkContext, input: RemoveRoute): Promise<Outcome<Committed<ChangedRoute>>> {
    return this.#changeRoutes(context, input, () => []);
  }

  #changeRoutes(
    context: WorkContext,
    input: { readonly id: string; readonly expectedVersion?: Maybe<number> },
    change: (form: RouteForm) => readonly RouteForm[],
  ): Promise<Outcome<Committed<ChangedRoute>>> {
    return this.#units.run(context, async (scope: UnitOfWork) => {
      const before = await findRouteHead(scope.trx, input.id);
      if (before === null) return notFound(["input", "id"], "route");
      const forms = (await findRoutesOf(scope.trx, [before.apiId])).map(routeFormOf);
      const outcome = await this.#apis.updateIn(scope, {
        id: before.apiId,
        expectedVersion: input.expectedVersion,
        routes: forms.flatMap((form) => (form.id === input.id ? change(form) : [form])),
      });
      if (!outcome.ok) return err(placed(outcome.error, ["input"], "id"));
      const { api, routes } = outcome.value;
      return ok({ api, route: routes.find(({ id }) => id === input.id) ?? before });
    });
  }
}

/** Errors of the API's form at their place in the route's: the other routes were right before, so the fault is this one's. */
function placed(errors: UserErrors, at: readonly string[], idField: string): UserErrors {
  return errors.map((error) => {
    const [, first, , ...rest] = error.field;
    if (first === "routes") return { ...error, field: rest.length === 0 ? at : [...at, ...rest] };
    return first === "id" ? { ...error, field: ["input", idField] } : error;
  });
}
