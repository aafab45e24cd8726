/** What tests of an import share: documents, and the parts of the page that takes them. */
import type { Page } from "playwright-core";
import type { Dev } from "./dev.js";

export const operation = (summary: string, tag: string, more: object = {}) => ({
  summary,
  tags: [tag],
  responses: { 200: { description: "ok" } },
  ...more,
});

export const idParameter = { name: "id", in: "path", required: true, schema: { type: "integer" } };

export function shop(paths: Readonly<Record<string, unknown>>, more: object = {}): string {
  return JSON.stringify(
    { openapi: "3.0.3", info: { title: "Shop", version: "1.2.0" }, paths, ...more },
    null,
    2,
  );
}

export async function choose(page: Page, name: string, text: string): Promise<void> {
  await page
    .locator('input[type="file"]')
    .setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
}

export const row = (page: Page, name: string) =>
  page.getByRole("list", { name: "Operations" }).getByRole("listitem").filter({ hasText: name });

export async function chooseIntegration(page: Page, label: string, name: string): Promise<void> {
  await page.getByRole("combobox", { name: label }).click();
  await page.getByRole("option", { name }).first().click();
}

interface StoredRoute {
  readonly method: string;
  readonly path: string;
  readonly validate: boolean;
  readonly integration: { readonly name: string };
}

export async function routesOf(dev: Dev, id: string): Promise<readonly StoredRoute[]> {
  const { api } = await dev.graphql<{ api: { routes: readonly StoredRoute[] } }>(
    "query ($id: ID!) { api(id: $id) { routes { method path validate integration { name } } } }",
    { id },
  );
  return api.routes;
}
