/**
 * The APIs that an import creates or changes: one, or one for each part of a document that is split. Prepared before the
 * transaction and written in it, so that other writers do not wait for the preparation.
 */
import { err, ok, Pauses } from "@latchkey/core";
import type { ApiModel } from "@latchkey/openapi";
import { type Outcome, Problems, type UserErrors } from "../../errors/user-error.js";
import { shownLine, shownLines } from "../../forms/form.js";
import type { UnitOfWork } from "../../unit-of-work/unit-of-work.js";
import type { IntegrationTarget } from "../integration/integration.js";
import type { IntegrationDraft, IntegrationService } from "../integration/integration-service.js";
import type { ApiKey } from "../key/api-key.js";
import { type ApiWithRoutes, apiLimits } from "./api.js";
import type { CreateApi } from "./api-form.js";
import type { ApiService } from "./api-service.js";
import type { BeforeImport } from "./import-before.js";
import { type MergedComponents, mergeComponents } from "./import-components.js";
import type { ImportOpenApi } from "./import-input.js";
import type { ImportNote } from "./import-note.js";
import { changedSchemaNote, sparedNote } from "./import-notes.js";
import type { MatchedRoute, RouteMerge } from "./import-routes.js";
import { modelOf } from "./import-split.js";
import { PreparedContent } from "./prepared-content.js";
import type { RouteForm } from "./route-form.js";
import { isVersionLabel } from "./version-label.js";

export interface ImportedApi extends ApiWithRoutes {
  readonly key: ApiKey | null;
  readonly secret: string | null;
}

export interface ImportPart {
  /** Null: the document is not split. */
  readonly name: string | null;
  readonly routes: readonly MatchedRoute[];
}

/** What becomes an API. */
export interface PreparedPart extends ImportPart {
  readonly merged: RouteMerge;
  readonly components: MergedComponents;
  readonly content: PreparedContent;
}

export interface WrittenParts {
  readonly apis: readonly ImportedApi[];
  readonly notes: readonly ImportNote[];
}

export interface ImportPartsOptions {
  readonly apis: ApiService;
  readonly integrations: IntegrationService;
  readonly input: ImportOpenApi;
  readonly before: BeforeImport;
  /** Of the document; null when it has none. */
  readonly model: ApiModel | null;
}

export class ImportParts {
  readonly #options: ImportPartsOptions;

  constructor(options: ImportPartsOptions) {
    this.#options = options;
  }

  /** @param added integrations that the routes may name beside stored ones */
  async prepare(
    { name, routes }: ImportPart,
    merged: RouteMerge,
    added: readonly IntegrationDraft[],
  ): Promise<PreparedPart> {
    const { before, integrations, input, model } = this.#options;
    const { api, subscriptionId, routes: existing, components: stored } = before;
    const { forms, kept } = merged;
    const ofPart = name === null || model === null ? model : modelOf(model, routes);
    const components = await mergeComponents(ofPart, stored, kept, input.replace ?? false);
    const ids = new Set<string>(forms.map((form) => form.integrationId));
    const named = added.filter(({ id }) => ids.has(id)).map(targetOf);
    for (const { id } of named) ids.delete(id);
    const there = await integrations.targets([...ids]);
    const content = await PreparedContent.of({
      before: api === null ? null : { api, routes: existing, components: stored },
      components: components.form,
      stored,
      forms,
      subscriptionId,
      targets: new Map([...there, ...named.map((target) => [target.id, target] as const)]),
    });
    return { name, routes, merged, components, content };
  }

  /** @returns an error when one of them is refused: then none is written */
  async write(
    scope: UnitOfWork,
    parts: readonly PreparedPart[],
    merge: (part: PreparedPart) => RouteMerge,
  ): Promise<Outcome<WrittenParts>> {
    const pauses = new Pauses();
    const apis: ImportedApi[] = [];
    const notes: ImportNote[] = [];
    for (const part of parts) {
      await pauses.pause();
      const { forms, spared } = merge(part);
      const written = await this.#writePart(scope, part, forms);
      if (!written.ok) return err(inDocument(written.error, forms));
      apis.push({ key: null, secret: null, ...written.value });
      notes.push(...spared.map(sparedNote), ...part.components.changed.map(changedSchemaNote));
    }
    return ok({ apis, notes });
  }

  #writePart(
    scope: UnitOfWork,
    { name, components, content }: PreparedPart,
    routes: readonly RouteForm[],
  ): Promise<Outcome<ApiWithRoutes>> {
    const { apis, input, before, model } = this.#options;
    const form = { ...components.form, routes };
    const origin = { schemasChecked: true, prepared: content };
    if (before.api !== null) {
      const expectedVersion = input.expectedVersion ?? before.api.version;
      return apis.updateIn(scope, { ...form, id: before.api.id, expectedVersion }, origin);
    }
    const head = { ...headOf(model), subscriptionId: before.subscriptionId };
    const title = input.title ?? shownLine(model?.title ?? "");
    if (name === null) return apis.createIn(scope, { ...form, ...head, title }, origin);
    const ofPart = { ...form, ...head, title: partTitle(title, name) };
    return apis.createIn(scope, ofPart, { ...origin, part: name });
  }
}

function targetOf({ id, subscriptionId, content }: IntegrationDraft): IntegrationTarget {
  const { inboundKind, name, urls } = content;
  return { id, subscriptionId, inboundKind, name, urls };
}

/** Of a new API, from the document. */
function headOf(model: ApiModel | null): Pick<CreateApi, "summary" | "versionLabel"> {
  return {
    summary: shownLines(model?.summary ?? ""),
    versionLabel: model !== null && isVersionLabel(model.version) ? model.version : "v1",
  };
}

/** Fits the limit whatever the names' lengths. */
function partTitle(title: string, name: string): string {
  const part = [...shownLine(name)].slice(0, apiLimits.titleCharsMax / 2).join("");
  const suffix = title === "" ? part : `: ${part}`;
  return [...title].slice(0, apiLimits.titleCharsMax - [...suffix].length).join("") + suffix;
}

/** The form was ours: what is wrong with a route of it is wrong with the document. */
function inDocument(errors: UserErrors, forms: readonly RouteForm[]): UserErrors {
  const problems = new Problems();
  for (const error of errors) {
    const [, list, index] = error.field;
    const form = list === "routes" && index !== undefined ? forms[Number(index)] : undefined;
    if (form === undefined) problems.addAll([error]);
    else problems.add(error.code, ["input", "document"], `${form.method} ${form.path}: ${error.message}`);
  }
  return problems.errors;
}
