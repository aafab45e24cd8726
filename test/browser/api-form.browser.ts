import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { Dev } from "./support/dev.js";
import { hasFocus, poll, suite } from "./support/suite.js";

const title = (page: Page) => page.getByRole("textbox", { name: "Title" });
const summary = (page: Page) => page.getByRole("textbox", { name: "Summary" });
const path = (page: Page, n: number) => page.getByRole("textbox", { name: `Path of route ${n}` });
const method = (page: Page, n: number) => page.getByRole("combobox", { name: `Method of route ${n}` });
const save = (page: Page) => page.getByRole("button", { name: "Save", exact: true });

async function choose(page: Page, label: string, search: string, option: string): Promise<void> {
  const box = page.getByRole("combobox", { name: label, exact: true });
  await box.click();
  await box.fill(search);
  await page.getByRole("option", { name: option }).click();
}

async function paths(page: Page): Promise<readonly string[]> {
  return await page
    .getByRole("textbox", { name: /^Path of route/ })
    .evaluateAll((fields) => fields.map((field) => (field as HTMLInputElement).value));
}

const operation = (page: Page, n: number) =>
  page.getByRole("group", { name: `Operation of route ${n}`, exact: true });

/** Saves, and waits until nothing is left to save. */
async function saved(page: Page): Promise<void> {
  await save(page).click();
  await poll(() => save(page).isDisabled()).toBe(true);
  await page.getByText(/^Version \d+, changed/).waitFor();
}

interface StoredRoute {
  readonly method: string;
  readonly path: string;
  readonly integrationId: string;
  readonly operation: unknown;
  readonly responseValidation: string;
}

interface StoredApi {
  readonly version: number;
  readonly title: string;
  readonly routes: readonly StoredRoute[];
}

async function stored(dev: Dev, id: string): Promise<StoredApi> {
  const { api } = await dev.graphql<{ api: StoredApi }>(
    "query ($id: ID!) { api(id: $id) { version title routes { method path integrationId operation responseValidation } } }",
    { id },
  );
  return api;
}

async function storedOperations(dev: Dev, id: string): Promise<readonly unknown[]> {
  return (await stored(dev, id)).routes.map((route) => route.operation);
}

/** Past the console, for every route of the API. */
async function declare(dev: Dev, id: string, operation: unknown): Promise<void> {
  const { version, title, routes } = await stored(dev, id);
  const input = { id, expectedVersion: version, title, summary: "" };
  await dev.mutate(
    "updateApi",
    { ...input, routes: routes.map((route) => ({ ...route, operation })) },
    "api { id }",
  );
}

suite("the API form", (given) => {
  it("makes an API with routes and shows its key once", async () => {
    const { dev, inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/apis");
      await page.getByRole("link", { name: "New API" }).first().click();
      await title(page).fill("Parcels");
      await summary(page).fill("Where a parcel is.");
      await choose(page, "Subscription", "samp", "Sample");
      await method(page, 1).selectOption("PUT");
      await path(page, 1).fill("/parcels/{id}");
      await choose(page, "Integration of route 1", "nor", "north");
      await page.getByRole("button", { name: "Add route" }).click();
      await path(page, 2).fill("/parcels");
      await page.getByRole("button", { name: "Create API" }).click();
      const dialog = page.getByRole("dialog", { name: "The API key" });
      const secret = (await dialog.getByLabel("The API key").textContent()) ?? "";
      expect(secret).toMatch(/^lk_[0-9A-Za-z]{49}$/);
      await dialog.getByRole("button", { name: "Copy" }).click();
      expect(await window.clipboard()).toBe(secret);
      // Escape must not lose a secret that is shown once.
      await page.keyboard.press("Escape");
      expect(await dialog.getByRole("button", { name: "Done" }).isDisabled()).toBe(true);
      await dialog.getByText(/^In force on 1 node/).waitFor();
      await dialog.getByLabel("I have kept the key").check();
      await dialog.getByRole("button", { name: "Done" }).click();
      await page.getByRole("heading", { name: "Parcels", level: 1 }).waitFor();
      // The heading is there before the form of the new address.
      await poll(() => paths(page)).toEqual(["/parcels/{id}", "/parcels"]);
      await poll(() => dev.statusAt("/parcels/1", { key: secret, method: "PUT" })).toBe(200);
    });
  });

  it("offers only routable integrations of the API's subscription", async () => {
    const { dev, inWindow } = given();
    const { subscriptionId } = await dev.sampleIds();
    const api = await dev.makeApi("Choosing");
    const other = await dev.mutate<{ subscription: { id: string } }>(
      "createSubscription",
      { name: "Elsewhere" },
      "subscription { id }",
    );
    const named = { urls: ["http://127.0.0.1:9/x"] };
    await dev.mutate(
      "createIntegration",
      { ...named, subscriptionId: other.subscription.id, name: "foreign" },
      "revision { number }",
    );
    await dev.mutate(
      "createIntegration",
      { subscriptionId, name: "by night", inboundKind: "SCHEDULE" },
      "revision { number }",
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await page.getByRole("combobox", { name: "Integration of route 1" }).click();
      const offered = page.getByRole("listbox", { name: "Integration of route 1" }).getByRole("option");
      await offered.first().waitFor();
      // Other files' integrations are of the same subscription.
      const texts = await offered.allTextContents();
      expect(texts).toEqual(
        expect.arrayContaining([expect.stringContaining("north"), expect.stringContaining("south")]),
      );
      expect(texts.join()).not.toMatch(/foreign|by night/);
    });
  });

  it("shows each refusal beside the field that caused it, and takes it away when that is edited", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Refusing", { routes: ["PUT /orders/{orderId} south"] });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await title(page).fill(" ");
      await page.getByRole("button", { name: "Add route" }).click();
      await path(page, 2).fill("orders");
      await page.getByRole("button", { name: "Add route" }).click();
      await method(page, 3).selectOption("PUT");
      await path(page, 3).fill("/orders/{another}");
      await save(page).click();
      const refusalOf = async (name: string) => {
        const field = page.getByRole("textbox", { name });
        await poll(() => field.getAttribute("aria-invalid")).toBe("true");
        const ids = ((await field.getAttribute("aria-describedby")) ?? "").split(" ");
        const texts = await Promise.all(ids.map((id) => page.locator(`[id="${id}"]`).textContent()));
        return texts.join(" ");
      };
      expect(await refusalOf("Title")).toContain("required");
      expect(await refusalOf("Path of route 2")).toContain("/");
      expect(await refusalOf("Path of route 3")).toContain("same requests as route 1");
      await path(page, 2).fill("/orders/all");
      await poll(() => path(page, 2).getAttribute("aria-invalid")).not.toBe("true");
      expect(await path(page, 3).getAttribute("aria-invalid")).toBe("true");
      await page.getByRole("button", { name: "Discard" }).click();
      await poll(() => paths(page)).toEqual(["/orders/{orderId}"]);
    });
  });

  it("reorders routes by keyboard and by buttons, and says so", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Ordering", { routes: ["PUT /orders/{orderId} north"] });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      for (const text of ["/b", "/c"]) {
        await page.getByRole("button", { name: "Add route" }).click();
        await page.keyboard.type(text);
      }
      await poll(() => paths(page)).toEqual(["/orders/{orderId}", "/b", "/c"]);
      await page.keyboard.press("Alt+ArrowUp");
      await poll(() => paths(page)).toEqual(["/orders/{orderId}", "/c", "/b"]);
      await page.getByText("Route 3 moved to place 2 of 3.").waitFor();
      await page.getByRole("button", { name: "Move route 2 up" }).click();
      await poll(() => paths(page)).toEqual(["/c", "/orders/{orderId}", "/b"]);
      await page.getByRole("button", { name: "Remove route 3" }).click();
      await save(page).click();
      await page.getByText(/^In force on 1 node, \d+ ms$/).waitFor();
      await page.reload();
      await path(page, 1).waitFor();
      await poll(() => paths(page)).toEqual(["/c", "/orders/{orderId}"]);
    });
  });

  it("asks before unsaved changes are lost, by keyboard too", async () => {
    const { dev, inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      const api = await dev.makeApi("Guarded");
      await window.go(`/apis/${api.id}`);
      await title(page).fill("Not saved");
      await page.getByRole("link", { name: "Nodes" }).click();
      const dialog = page.getByRole("dialog", { name: "Leave without saving?" });
      await dialog.waitFor();
      // The focus is inside, stays inside, and comes out with Escape.
      await poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Stay");
      for (let presses = 0; presses < 5; presses++) {
        await page.keyboard.press("Tab");
        expect(await page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null)).toBe(
          true,
        );
      }
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
      expect(await title(page).inputValue()).toBe("Not saved");
      await page.getByRole("link", { name: "Nodes" }).click();
      await page.getByRole("button", { name: "Leave and lose changes" }).click();
      await page.getByRole("heading", { name: "Nodes", exact: true }).waitFor();
      await page.goBack();
      await title(page).waitFor();
      expect(await title(page).inputValue()).toBe("Guarded");
    });
  });

  it("declares an operation, holds requests to them, and shows them again after a reload", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Declaring", { routes: ["GET /orders/{id} north", "PUT /orders north"] });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      const button = page.getByRole("button", { name: "Operation of route 1" });
      expect(await button.textContent()).toContain("none");
      await button.press("Enter");
      expect(await button.getAttribute("aria-expanded")).toBe("true");
      const panel = operation(page, 1);
      const id = panel.getByRole("group", { name: "Path parameter id" });
      await id.getByLabel("Type").selectOption("Integer");
      await id.getByLabel("Minimum").pressSequentially("1");
      await id.getByLabel("Description").fill("Number of the order.");
      await panel.getByRole("button", { name: "Add query parameter" }).press("Enter");
      // The new parameter's name has the focus.
      await page.keyboard.type("state");
      const state = panel.getByRole("group", { name: "Query parameter 1" });
      await state.getByLabel("Required").check();
      await state.getByLabel("Allowed values").pressSequentially("new, paid,");
      await panel.getByRole("button", { name: "Add query parameter" }).press("Enter");
      await page.keyboard.type("gone");
      await panel.getByRole("button", { name: "Remove query parameter gone" }).press("Enter");
      expect(await state.getByLabel("Name").evaluate((field) => field === document.activeElement)).toBe(true);
      await panel.getByLabel("Summary").fill("Get an order");
      await panel.getByLabel("Refuse requests that do not match").check();
      await panel.getByLabel("Responses that do not match").selectOption("Log and count");
      expect(await button.textContent()).toContain("2 parameters");
      await saved(page);
      // What was opened is still open after the save.
      expect(await state.getByLabel("Allowed values").inputValue()).toBe("new, paid");
      const declared = {
        summary: "Get an order",
        parameters: [
          {
            name: "id",
            in: "path",
            required: true,
            schema: { type: "integer", minimum: 1 },
            description: "Number of the order.",
          },
          { name: "state", in: "query", schema: { type: "string", enum: ["new", "paid"] }, required: true },
        ],
      };
      expect(await storedOperations(dev, api.id)).toEqual([declared, null]);
      expect((await stored(dev, api.id)).routes[0]?.responseValidation).toBe("REPORT");
      const status = (path: string) => dev.statusAt(path, { key: api.secret });
      await poll(() => status("/orders/none?state=new")).toBe(422);
      expect(await status("/orders/7?state=lost")).toBe(422);
      expect(await status("/orders/7")).toBe(422);
      expect(await status("/orders/7?state=paid")).toBe(200);
      await page.reload();
      await button.click();
      expect(await button.textContent()).toContain("2 parameters");
      expect(await id.getByLabel("Type").inputValue()).toBe("integer");
      expect(await id.getByLabel("Minimum").inputValue()).toBe("1");
      expect(await id.getByLabel("Description").inputValue()).toBe("Number of the order.");
      expect(await state.getByLabel("Name").inputValue()).toBe("state");
      expect(await state.getByLabel("Required").isChecked()).toBe(true);
      expect(await state.getByLabel("Allowed values").inputValue()).toBe("new, paid");
      expect(await panel.getByLabel("Summary").inputValue()).toBe("Get an order");
      expect(await panel.getByLabel("Responses that do not match").inputValue()).toBe("REPORT");
      await poll(() => save(page).isDisabled()).toBe(true);
    });
  });

  it("loses nothing of an operation that fields cannot express, whatever else is saved", async () => {
    const { dev, inWindow } = given();
    const { id } = await dev.makeApi("Rich", { routes: ["GET /orders/{id} north"] });
    const inPath = { in: "path", required: true };
    const rich = {
      description: "About an order.",
      requestBody: { content: { "application/xml": {} } },
      responses: { "200": { description: "The order.", content: { "application/json": { example: 1 } } } },
      parameters: [
        {
          deprecated: true,
          name: "ids",
          in: "query",
          schema: { type: "array", items: { type: "integer" }, maxItems: 5 },
        },
        { name: "page", in: "query", schema: { type: "integer" } },
        { name: "id", ...inPath, schema: { oneOf: [{ type: "integer" }, { const: "latest" }] } },
        { name: "former", ...inPath, schema: {} },
      ],
    };
    await declare(dev, id, rich);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${id}`);
      const sentFields: string[][] = [];
      page.on("request", (request) => {
        const body = request.postData() ?? "";
        if (body.includes("mutation UpdateApi"))
          sentFields.push(Object.keys(JSON.parse(body).variables.input).sort());
      });
      await page.getByRole("button", { name: "Operation of route 1: 4 parameters" }).click();
      const panel = operation(page, 1);
      const rest = panel.getByRole("region", { name: "Rest of Path parameter id" });
      expect(await rest.textContent()).toContain("latest");
      await title(page).fill("Rich, renamed");
      await saved(page);
      await panel.getByRole("term").filter({ hasText: "200" }).waitFor();
      expect(sentFields).toEqual([["expectedVersion", "id", "title"]]);
      expect(JSON.stringify(await storedOperations(dev, id))).toBe(JSON.stringify([rich]));
      // Beside it something is changed that fields can express.
      const second = panel.getByRole("group", { name: "Query parameter 2" });
      await second.getByLabel("Description").fill("Which page.");
      await path(page, 1).fill("/orders/{id}/lines");
      await saved(page);
      const [ids, pageNumber, ...others] = rich.parameters;
      const described = [ids, { ...pageNumber, description: "Which page." }, ...others];
      // What is sent may have its members in another order: that of the client's canonical JSON.
      expect(await storedOperations(dev, id)).toEqual([{ ...rich, parameters: described }]);
    });
  });

  it("shows what is refused of an operation at its field, as fields and as JSON", async () => {
    const { dev, inWindow } = given();
    const { id } = await dev.makeApi("Faulty", { routes: ["PUT /things north", "GET /orders/{id} north"] });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${id}`);
      const button = page.getByRole("button", { name: "Operation of route 2" });
      await button.click();
      const panel = operation(page, 2);
      await panel.getByRole("button", { name: "Edit as JSON" }).click();
      const json = panel.getByRole("textbox", { name: "Operation as JSON" });
      await json.fill('{"parameters": [');
      await panel.getByText(/^Not valid JSON, line /).waitFor();
      expect(await window.seriousFindings()).toEqual([]);
      await panel.getByRole("button", { name: "Back to fields" }).click();
      await poll(() => hasFocus(json)).toBe(true);
      await json.fill(
        '{"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "nope"}}]}',
      );
      await panel.getByRole("button", { name: "Back to fields" }).click();
      // Closed by hand, opened again by an error.
      await button.click();
      await save(page).click();
      const group = panel.getByRole("group", { name: "Path parameter id" });
      await group.getByText("Requests cannot be held to this schema: schema is invalid").waitFor();
      expect(await button.textContent()).toContain("has errors");
      await panel.getByRole("button", { name: "Edit as JSON" }).click();
      await json.fill("");
      await panel.getByRole("button", { name: "Back to fields" }).click();
      await panel.getByRole("button", { name: "Add query parameter" }).click();
      await save(page).click();
      const name = panel.getByRole("group", { name: "Query parameter 1" }).getByLabel("Name");
      await poll(() => name.getAttribute("aria-invalid")).toBe("true");
      await name.fill("page");
      await poll(() => name.getAttribute("aria-invalid")).not.toBe("true");
      await saved(page);
      expect(await storedOperations(dev, id)).toEqual([
        null,
        { parameters: [{ name: "page", in: "query", schema: { type: "string" } }] },
      ]);
    });
  });
});
