/** What tests of `importOpenApi` share: an integration with schemas and examples, documents, and the mutation. */
import { f, setUpApis } from "./api-fixture.js";

export function setUpImports(): void {
  setUpApis({
    requestSchema: '{"type":"object","properties":{"quantity":{"type":"integer"}}}',
    examples: [{ name: "One", direction: "REQUEST", value: '{"quantity":3}' }],
  });
}

export const importApi = (input: Record<string, unknown>) =>
  f.mutate(
    "importOpenApi",
    input,
    "api { id title summary version versionLabel routes { id method path integrationId operationId validate operation } } key { id } secret dryRun integrations { id name } routes { method path fate integrationId } notes { severity code pointer message } noteGroups { severity code title count examples { pointer } }",
  );
export const document = (paths: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  JSON.stringify({
    openapi: "3.0.3",
    info: { title: "Shop", version: "1.2.0", description: "All of it" },
    paths,
    ...more,
  });
export const ok = { responses: { 200: { description: "ok" } } };
export const fates = (payload: { routes: { method: string; path: string; fate: string }[] }) =>
  payload.routes.map((r) => `${r.fate.toLowerCase()} ${r.method} ${r.path}`);
