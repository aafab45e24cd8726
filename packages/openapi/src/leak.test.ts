/**
 * Whatever else hangs on the model, nothing but the fields of the read model gets out: no key, no upstream
 * URL, no internal id, in any of the outputs.
 */
import { generateApiKey, newId } from "@latchkey/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { azureApimPolicy } from "./azure-apim.js";
import { emit } from "./emit.js";
import { contentDisposition } from "./file-name.js";
import { lint } from "./lint.js";
import { apiModel } from "./model.cases.js";
import { toPostman } from "./postman.js";
import type { ApiModel } from "./read-model.js";
import { toTypeScriptClient } from "./typescript-client.js";

const MARK = "PLANTED";
const secrets = {
  id: newId("api"),
  key: generateApiKey(),
  apiKeys: [{ id: newId("apiKey"), secret: generateApiKey(), digest: "f".repeat(64) }],
  upstreamUrl: `https://user:${MARK}@upstream.internal:8443/${MARK}`,
  urls: [`http://10.0.0.1/${MARK}`],
  subscriptionId: newId("subscription"),
  integrationId: newId("integration"),
  description: MARK,
  [MARK]: MARK,
  toJSON: undefined,
};
const planted = [
  MARK,
  secrets.key,
  secrets.id,
  secrets.apiKeys[0]!.secret,
  secrets.apiKeys[0]!.id,
  secrets.subscriptionId,
  secrets.integrationId,
  "upstream.internal",
  "10.0.0.1",
];

/** Secrets on every object that the generators walk over, and credentials in the public URL. */
function plant(model: ApiModel): ApiModel {
  const { description: _, ...beside } = secrets;
  return {
    ...secrets,
    ...model,
    serverUrl:
      model.serverUrl === null ? null : `https://user:${MARK}@gw.example.org/base/?token=${MARK}#${MARK}`,
    routes: model.routes.map((route) => ({
      ...secrets,
      ...route,
      integration: {
        ...secrets,
        ...route.integration,
        requestSchema: {
          "x-internal": MARK,
          $comment: MARK,
          $id: `https://${MARK}/`,
          properties: { a: { "x-upstream": MARK } },
        },
        ...(route.integration.examples && { examples: route.integration.examples }),
      },
      operation: {
        ...beside,
        ...route.operation,
        parameters: (route.operation?.parameters ?? []).map((parameter) => ({ ...beside, ...parameter })),
      },
    })),
  } as ApiModel;
}

it("lets nothing planted out of documents, warnings, policies and file names", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(apiModel, (clean) => {
      const model = plant(clean);
      const outputs = [
        ...(["3.0", "3.1"] as const).map((version) => lint(model, { version })),
        lint(model, { version: "3.0", target: "azure-apim" }),
      ].flatMap(({ document, warnings }) => [emit(document, "json"), JSON.stringify(warnings)]);
      outputs.push(azureApimPolicy(model), contentDisposition(model.title, "json"));
      for (const output of outputs) for (const secret of planted) expect(output).not.toContain(secret);
    }),
    { numRuns: 100 },
  );
});

it("lets nothing planted out of collections and clients", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(apiModel, async (clean) => {
      const model = plant(clean);
      const outputs = [JSON.stringify(await toPostman(model)), await toTypeScriptClient(model)];
      for (const output of outputs) for (const secret of planted) expect(output).not.toContain(secret);
    }),
    { numRuns: 8 },
  );
});
