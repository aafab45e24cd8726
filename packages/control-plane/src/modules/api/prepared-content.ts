/**
 * What an import checks and makes before its transaction, so that others who write wait for the writing alone. All of it is of
 * contents that cannot change: objects of this import, texts, and the Api at a version. What is not found here is done within the
 * transaction, with the same result.
 */
import { isDeepStrictEqual } from "node:util";
import { type ApiId, newId, Pauses } from "@latchkey/core";
import { Problems, type UserErrors } from "../../errors/user-error.js";
import type { IntegrationTarget } from "../integration/integration.js";
import { type ApiComponents, type ApiWithRoutes, noComponents, type Route } from "./api.js";
import { type ContentDifference, differenceOf } from "./content-difference.js";
import {
  type ComponentsForm,
  checkComponentsInTurns,
  checkOperation,
  namesOf,
  type OperationResult,
} from "./operation-form.js";
import { checkRoutes, type RouteForm } from "./route-form.js";

/** The schemas of a document are checked by the thread that reads it. */
const SCHEMAS_CHECKED = true;

export interface ContentInput {
  /** The Api as it was read, all of it at its version or later; null: a new one. */
  readonly before: ApiWithRoutes | null;
  readonly components: ComponentsForm;
  /** Shared schemas, tags and info, as they were read. */
  readonly stored: ApiComponents;
  readonly forms: readonly RouteForm[];
  readonly subscriptionId: string;
  /** The integrations of the routes as they were read, or as they will be made. */
  readonly targets: ReadonlyMap<string, IntegrationTarget>;
}

/** What becomes of forms as long as their integrations are these. */
interface CheckedRoutes {
  readonly forms: readonly RouteForm[];
  readonly subscriptionId: string;
  readonly targets: ReadonlyMap<string, IntegrationTarget>;
  readonly routes: readonly Route[];
  readonly errors: UserErrors;
}

export class PreparedContent {
  readonly apiId: ApiId;
  readonly components: ApiComponents;
  readonly componentErrors: UserErrors;
  readonly schemaNames: ReadonlySet<string>;
  /** As it was read. Null: a new Api. */
  readonly before: ApiWithRoutes | null;
  #routes: CheckedRoutes | null = null;
  #difference: ContentDifference | null = null;
  readonly #results = new Map<object, OperationResult>();

  static async of(input: ContentInput): Promise<PreparedContent> {
    const { before, components, stored, forms, subscriptionId, targets } = input;
    const problems = new Problems();
    const checked = await checkComponentsInTurns(problems, stored, components, SCHEMAS_CHECKED);
    const { schemas } = components;
    // Not from the text, which may be 16 MB.
    const names = schemas === undefined ? namesOf(checked.schemas) : new Set(Object.keys(schemas ?? {}));
    const content = new PreparedContent(before, checked, problems.errors, names);
    const pauses = new Pauses();
    for (const { operation } of forms) {
      await pauses.pause();
      if (operation !== undefined && operation !== null) content.#check(operation);
    }
    content.#routes = await content.#checkRoutes(forms, subscriptionId, targets);
    if (before !== null)
      content.#difference = await differenceOf(before, {
        routes: content.#routes.routes,
        components: content.components,
      });
    return content;
  }

  private constructor(
    before: ApiWithRoutes | null,
    components: ApiComponents,
    componentErrors: UserErrors,
    schemaNames: ReadonlySet<string>,
  ) {
    this.before = before;
    this.apiId = before?.api.id ?? newId("api");
    this.components = components;
    this.componentErrors = componentErrors;
    this.schemaNames = schemaNames;
  }

  /** Of the Api that was read: the prepared content is of use for no other one. */
  get version(): number | undefined {
    return this.before?.api.version;
  }

  /** Of a form's operation. */
  resultOf(operation: object): OperationResult | undefined {
    return this.#results.get(operation);
  }

  /** Of forms whose integrations are the ones that they were checked with. */
  routesOf(
    forms: readonly RouteForm[],
    subscriptionId: string,
    targets: ReadonlyMap<string, IntegrationTarget>,
  ): Pick<CheckedRoutes, "routes" | "errors"> | undefined {
    const checked = this.#routes;
    if (checked?.forms !== forms || checked.subscriptionId !== subscriptionId) return undefined;
    return isDeepStrictEqual(checked.targets, targets) ? checked : undefined;
  }

  /** Of the Api that was read; undefined for routes that were not prepared. */
  differenceTo(routes: readonly Route[]): ContentDifference | undefined {
    return routes === this.#routes?.routes ? (this.#difference ?? undefined) : undefined;
  }

  async #checkRoutes(
    forms: readonly RouteForm[],
    subscriptionId: string,
    targets: ReadonlyMap<string, IntegrationTarget>,
  ): Promise<CheckedRoutes> {
    const problems = new Problems();
    const routes = await checkRoutes(problems, forms, {
      apiId: this.apiId,
      subscriptionId,
      existing: this.before?.routes ?? [],
      targets,
      schemaNames: this.schemaNames,
      schemas: this.components.schemas,
      schemasChanged: this.components.schemas !== (this.before?.components ?? noComponents).schemas,
      schemasChecked: SCHEMAS_CHECKED,
      prepared: this,
    });
    return { forms, subscriptionId, targets, routes, errors: problems.errors };
  }

  #check(operation: object): void {
    const problems = new Problems();
    const context = { schemaNames: this.schemaNames, schemasChecked: SCHEMAS_CHECKED };
    const text = checkOperation(problems, [], operation, context) ?? null;
    this.#results.set(operation, { text, errors: problems.errors });
  }
}
