/** An API with its form applied: every field is checked, and every problem reported. Reads what the form names; writes nothing. */
import type { CorsPolicy, SubscriptionId } from "@latchkey/core";
import type { Problems } from "../../errors/user-error.js";
import { checkText, pick } from "../../forms/form.js";
import { checkIpRules } from "../../forms/ip-rules-form.js";
import { checkLimits } from "../../forms/limit-form.js";
import { checkOwnership } from "../../forms/ownership-form.js";
import type { UnitOfWork } from "../../unit-of-work/unit-of-work.js";
import type { IntegrationService } from "../integration/integration-service.js";
import type { SubscriptionService } from "../subscription/subscription-service.js";
import { type Api, type ApiWithRoutes, apiLimits } from "./api.js";
import type { FormOrigin, UpdateApi } from "./api-form.js";
import { checkCors } from "./cors-form.js";
import { checkComponents, namesOf } from "./operation-form.js";
import { checkRecording } from "./recording-form.js";
import { checkRoutes, routeFormOf } from "./route-form.js";
import { checkVersionLabel } from "./version-label.js";

export interface ApiFormDeps {
  readonly subscriptions: SubscriptionService;
  readonly integrations: IntegrationService;
  /** Whether an encryption key is configured (`encryptionKey`). */
  readonly canRecover: boolean;
}

export interface ApiFormInput {
  readonly before: ApiWithRoutes;
  readonly form: Omit<UpdateApi, "id" | "expectedVersion">;
  readonly origin: FormOrigin;
}

/** `before` with the form applied; what is wrong goes to `problems`. */
export async function applyApiForm(
  { subscriptions, integrations, canRecover }: ApiFormDeps,
  scope: UnitOfWork,
  problems: Problems,
  { before, form, origin }: ApiFormInput,
): Promise<ApiWithRoutes> {
  const { schemasChecked, prepared } = origin;
  const subscriptionId = form.subscriptionId ?? before.api.subscriptionId;
  if ((await subscriptions.find(subscriptionId, scope.trx)) === null)
    problems.add("NOT_FOUND", ["input", "subscriptionId"], "There is no subscription with this id.");
  const recoverable = form.recoverable ?? before.api.recoverable;
  if (recoverable && !canRecover)
    problems.add(
      "NOT_RECOVERABLE",
      ["input", "recoverable"],
      "The control plane has no encryption key, so it cannot keep secrets: set `encryptionKey` in its configuration.",
    );
  const api: Api = {
    ...before.api,
    subscriptionId: subscriptionId as SubscriptionId,
    title: checkText(problems, ["input", "title"], "The title", form.title ?? before.api.title, {
      charsMax: apiLimits.titleCharsMax,
      required: true,
    }),
    summary: checkText(
      problems,
      ["input", "summary"],
      "The summary",
      pick(form.summary, before.api.summary, ""),
      {
        charsMax: apiLimits.summaryCharsMax,
        multiline: true,
      },
    ),
    versionLabel: checkVersionLabel(problems, form.versionLabel ?? before.api.versionLabel),
    recoverable,
    bearerRequired: form.bearerRequired ?? before.api.bearerRequired,
    openapiServed: form.openapiServed ?? before.api.openapiServed,
    cors: corsOf(problems, form.cors, before.api.cors),
    ipRules: checkIpRules(problems, before.api.ipRules, form.ipRules),
    recording: checkRecording(problems, before.api.recording, form.recording, {
      nowMs: scope.nowMs,
      actor: scope.context.principal.actor,
      canEncrypt: canRecover,
    }),
    ...checkLimits(problems, ["input"], before.api, form),
    ...checkOwnership(problems, before.api, form),
  };
  const components =
    prepared?.components ?? checkComponents(problems, before.components, form, schemasChecked);
  problems.addAll(prepared?.componentErrors ?? []);
  const forms = form.routes ?? before.routes.map(routeFormOf);
  // Bounded before the look-up: an endless list costs nothing.
  const ids = forms.slice(0, apiLimits.routesMax).map((route) => route.integrationId);
  const targets = await integrations.targets([...new Set(ids)], scope.trx);
  const checked = prepared?.routesOf(forms, subscriptionId, targets);
  if (checked !== undefined) {
    problems.addAll(checked.errors);
    return { api, routes: checked.routes, components };
  }
  const routes = await checkRoutes(problems, forms, {
    apiId: api.id,
    subscriptionId,
    existing: before.routes,
    targets,
    schemaNames: prepared?.schemaNames ?? namesOf(components.schemas),
    schemas: components.schemas,
    schemasChanged: components.schemas !== before.components.schemas,
    schemasChecked,
    ...(prepared !== undefined && { prepared }),
  });
  return { api, routes, components };
}

/** Left out, the policy stays; null removes it. */
function corsOf(problems: Problems, form: UpdateApi["cors"], before: CorsPolicy | null): CorsPolicy | null {
  if (form === undefined) return before;
  return form === null ? null : checkCors(problems, ["input", "cors"], form);
}
