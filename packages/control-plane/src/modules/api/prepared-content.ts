/**
 * What an import checks and makes before its transaction, so that others who write wait for the writing alone. All of it is of
 * contents that cannot change: objects of this import, texts, and the Api at a version. What is not found here is done within the
 * transaction, with the same result.
 */
import { Pauses } from "@latchkey/core";
import { Problems, type UserErrors } from "../../errors/user-error.js";
import type { ApiComponents, ApiWithRoutes, Route } from "./api.js";
import { type CheckedOperations, checkedOperation, type OperationChecks } from "./api-resource.js";
import {
  type ComponentsForm,
  checkComponents,
  checkOperation,
  namesOf,
  type OperationResult,
} from "./operation-form.js";
import type { RouteForm } from "./route-form.js";

/** The schemas of a document are checked by the thread that reads it. */
const SCHEMAS_CHECKED = true;

export class PreparedContent implements CheckedOperations {
  readonly components: ApiComponents;
  readonly componentErrors: UserErrors;
  readonly schemaNames: ReadonlySet<string>;
  /** As it was read. Null: a new Api. */
  readonly before: ApiWithRoutes | null;
  readonly #results = new Map<object, OperationResult>();
  /** By what is checked, and by operation: a text that is no piece of a key keeps its hash. */
  readonly #checked = [0, 1, 2, 3].map(() => new Map<string, string | null>());

  /**
   * @param before the Api as it was read, all of it at its version or later; null: a new one
   * @param stored shared schemas, tags and info, as they were read
   * @param forms of the routes; their integrations do not matter here
   */
  static async of(
    before: ApiWithRoutes | null,
    components: ComponentsForm,
    forms: readonly RouteForm[],
    stored: ApiComponents,
  ): Promise<PreparedContent> {
    const content = new PreparedContent(before, components, stored);
    const pauses = new Pauses();
    const routes = new Map<string, Route>((before?.routes ?? []).map((route) => [route.id, route]));
    for (const { id, operation, validate, responseValidation } of forms) {
      await pauses.pause();
      if (operation === undefined || operation === null) continue;
      const { text } = content.#check(operation);
      const was = routes.get(id ?? "");
      content.of({
        operation: text,
        validate: validate ?? was?.validate ?? false,
        responseValidation: responseValidation ?? was?.responseValidation ?? "off",
      });
    }
    for (const route of routes.values()) {
      await pauses.pause();
      content.of(route);
    }
    return content;
  }

  private constructor(before: ApiWithRoutes | null, form: ComponentsForm, stored: ApiComponents) {
    const problems = new Problems();
    this.before = before;
    this.components = checkComponents(problems, stored, form, SCHEMAS_CHECKED);
    this.componentErrors = problems.errors;
    this.schemaNames = namesOf(this.components.schemas);
  }

  /** Of the Api that was read: the prepared content is of use for no other one. */
  get version(): number | undefined {
    return this.before?.api.version;
  }

  /** Of a form's operation. */
  resultOf(operation: object): OperationResult | undefined {
    return this.#results.get(operation);
  }

  #check(operation: object): OperationResult {
    const problems = new Problems();
    const context = { schemaNames: this.schemaNames, schemasChecked: SCHEMAS_CHECKED };
    const text = checkOperation(problems, [], operation, context) ?? null;
    const result = { text, errors: problems.errors };
    this.#results.set(operation, result);
    return result;
  }

  /** As `checkedOperation`, made once. */
  of(route: OperationChecks): string | null {
    const { operation, validate, responseValidation } = route;
    if (operation === null) return null;
    const texts = this.#checked[(validate ? 1 : 0) + (responseValidation === "off" ? 0 : 2)]!;
    let text = texts.get(operation);
    if (text === undefined) {
      text = checkedOperation(route);
      texts.set(operation, text);
    }
    return text;
  }
}
