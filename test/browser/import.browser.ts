import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  choose,
  chooseIntegration,
  idParameter,
  operation,
  routesOf,
  row,
  shop,
} from "./support/import-page.js";
import { hasFocus, poll, suite } from "./support/suite.js";

suite("import of OpenAPI documents", (given) => {
  it("takes a file, maps operations by tag and one by one, and makes checked routes", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Imported into", { routes: ["GET /orders/{id} north"] });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}`);
      await page.getByRole("button", { name: "More actions of this API" }).click();
      await page.getByRole("menuitem", { name: "Import OpenAPI" }).click();
      await choose(
        page,
        "shop.json",
        shop({
          "/orders/{id}": { get: operation("Get an order", "orders", { parameters: [idParameter] }) },
          "/orders": { post: operation("Place an order", "orders"), get: operation("List orders", "orders") },
          "/labels": { post: operation("Print a label", "labels") },
          "/{a}{b}": { get: operation("Unreadable", "orders") },
        }),
      );
      await row(page, "/orders/{id}").getByText("Changed").waitFor();
      await row(page, "Print a label").getByText("Added").waitFor();
      await row(page, "/{a}{b}").getByText("Not read").waitFor();
      await page.getByText("Choose integrations for 3 operations.").waitFor();
      expect(await page.getByRole("button", { name: "Apply import" }).isDisabled()).toBe(true);

      await page.getByRole("combobox", { name: "Tag" }).selectOption("orders");
      await page.getByRole("checkbox", { name: "Select 3 operations" }).check();
      await chooseIntegration(page, "Integration of the selected operations", "south");
      await page.getByRole("button", { name: "Set integration" }).click();
      await page.getByRole("button", { name: "Clear filter" }).click();
      const labels = page.getByRole("button", { name: /^Integration of POST \/labels/ });
      await labels.press("Enter");
      await page.getByRole("option", { name: "north" }).first().waitFor();
      await page.keyboard.press("Escape");
      await poll(() => labels.evaluate((button) => button === document.activeElement)).toBe(true);
      await labels.press("Enter");
      await page.getByRole("combobox", { name: "Integration of POST /labels" }).fill("north");
      await page.getByRole("option", { name: "south" }).waitFor({ state: "detached" });
      await page.getByRole("option", { name: "north" }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await poll(() => labels.textContent()).toContain("north");
      await poll(() => labels.evaluate((button) => button === document.activeElement)).toBe(true);
      await page.getByRole("radio", { name: "On", exact: true }).check();
      await page.getByText("3 added, 1 changed, 1 not read.").waitFor();
      await page.getByRole("button", { name: "Apply import" }).click();
      await page.getByRole("heading", { name: "Imported into", level: 1 }).waitFor();
      await page.getByText(/^In force on 1 node/).waitFor();
      expect(await page.getByLabel("Path of route 4").inputValue()).not.toBe("");
    });
    const routes = (await routesOf(dev, api.id)).map(
      ({ method, path, validate, integration }) => `${method} ${path} ${integration.name} ${validate}`,
    );
    expect(routes.toSorted()).toEqual([
      "GET /orders south true",
      "GET /orders/{id} south true",
      "POST /labels north true",
      "POST /orders south true",
    ]);
    await poll(() => dev.statusAt("/orders/none", { key: api.secret })).toBe(422);
  });

  it("goes on to the next operation when a choice takes one out of the filter", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Filtered", { routes: ["GET /stored north"] });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/import`);
      const get = (summary: string) => ({ get: operation(summary, "a") });
      await choose(page, "f.json", shop({ "/a": get("First"), "/b": get("Second"), "/c": get("Third") }));
      await page.getByRole("button", { name: /^Without integration/ }).click();
      const button = (path: string) => page.getByRole("button", { name: `Integration of GET ${path}: ` });
      const isFocused = (path: string) =>
        poll(() => button(path).evaluate((element) => element === document.activeElement));
      // What a dry run tells moves the list below it, also between press and release of the mouse.
      const isFresh = () => page.locator("[data-stale]").waitFor({ state: "detached" });
      for (const [path, next] of [
        ["/b", "/c"],
        ["/c", "/a"],
      ] as const) {
        await isFresh();
        await button(path).press("Enter");
        await page.getByRole("option", { name: "south" }).first().click();
        await isFocused(next).toBe(true);
      }
      await isFresh();
      await button("/a").press("Enter");
      await page.getByRole("option", { name: "south" }).first().click();
      await page.getByText("No operation matches").waitFor();
      await poll(() => page.evaluate(() => document.activeElement?.textContent)).toMatch(
        /^Without integration/,
      );
    });
  });

  it("splits a document by tag, and shows the keys of all its APIs once", async () => {
    const { dev, inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/apis/import");
      await choose(
        page,
        "split.json",
        shop({
          "/orders": { get: operation("List orders", "orders"), post: operation("Place an order", "orders") },
          "/labels": { get: operation("List labels", "labels") },
        }),
      );
      await chooseIntegration(page, "Integration of all others", "north");
      await page.getByRole("textbox", { name: "Title" }).fill("Split shop");
      await page.getByRole("combobox", { name: "Split the document" }).selectOption("TAG");
      await page.getByText("2 APIs will be created").click();
      await page.getByText("2 routes", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Create APIs" }).click();
      const dialog = page.getByRole("dialog", { name: "The API keys of 2 APIs" });
      const items = dialog.getByRole("list", { name: "API keys" }).getByRole("listitem");
      await items.nth(1).waitFor();
      expect(await items.allTextContents()).toEqual([
        expect.stringMatching(/^Split shop: orderslk_/),
        expect.stringMatching(/^Split shop: labelslk_/),
      ]);
      expect(await dialog.getByRole("button", { name: "Done" }).isDisabled()).toBe(true);
      await dialog.getByLabel("I have kept the keys").check();
      await dialog.getByRole("button", { name: "Done" }).click();
      await page.getByRole("heading", { name: "APIs", level: 1 }).waitFor();
    });
    const { apis } = await dev.graphql<{ apis: { nodes: { title: string; routeCount: number }[] } }>(
      '{ apis(filter: { search: "Split shop" }) { nodes { title routeCount } } }',
    );
    expect(apis.nodes.map(({ title, routeCount }) => `${title} ${routeCount}`).toSorted()).toEqual([
      "Split shop: labels 1",
      "Split shop: orders 2",
    ]);
  });

  it("shows every route that is deleted before it is", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Replaced", {
      routes: ["GET /a north", "GET /b north", "PUT /c/{id} north"],
    });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/import`);
      await choose(page, "a.json", shop({ "/a": { get: operation("Read", "a") } }));
      await row(page, "/b").getByText("Kept").waitFor();
      await page.getByRole("checkbox", { name: /Delete routes/ }).check();
      const deleted = page.getByRole("list", { name: "Routes to delete" });
      await poll(() => deleted.getByRole("listitem").allTextContents()).toEqual(["GET/b", "PUT/c/{id}"]);
      await row(page, "/c/{id}").getByText("Deleted").waitFor();
      await page.getByText(/1 changed, 2 deleted/).waitFor();
      await page.getByRole("button", { name: "Apply import" }).click();
      await page.getByRole("heading", { name: "Replaced", level: 1 }).waitFor();
    });
    expect((await routesOf(dev, api.id)).map(({ path }) => path)).toEqual(["/a"]);
  });

  it("shows where a document is broken, and lets it be mended in place", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Mended");
    const text = shop({ "/a": { get: operation("Read", "a") } }).replace('"paths":', '"paths"');
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/import`);
      await page.evaluate((value) => navigator.clipboard.writeText(value), text);
      await page.getByLabel("Text of the document").focus();
      await page.keyboard.press("Control+v");
      await page.getByText("Line 7, column 11").waitFor();
      await page.getByText(/The document is no JSON/).waitFor();
      await page.getByRole("button", { name: "Edit line 7" }).click();
      const field = page.getByLabel("Text of the document");
      await poll(() => hasFocus(field)).toBe(true);
      await page.keyboard.press("ArrowLeft");
      await page.keyboard.type(":");
      await page.keyboard.press("Control+Enter");
      await row(page, "/a").getByText("Added").waitFor();
      // Nothing is lost without a question.
      await page.getByRole("link", { name: "Cancel" }).click();
      await page
        .getByRole("dialog", { name: "Leave without saving?" })
        .getByRole("button", { name: "Stay" })
        .click();
      await row(page, "/a").waitFor();
    });
    expect(await routesOf(dev, api.id)).toHaveLength(1);
  });

  it("makes an API of pasted text with integrations of the servers, and shows its key once", async () => {
    const { dev, inWindow } = given();
    const yaml = `openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
servers: [{url: "http://127.0.0.1:9/v2"}]
paths:
  /pets:
    get: {summary: List pets, responses: {"200": {description: ok}}}
`;
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/apis");
      await page.getByRole("link", { name: "Import OpenAPI" }).click();
      await page.getByLabel("Text of the document").fill(yaml);
      await page.getByRole("button", { name: "Read document" }).click();
      await page.getByText("Choose an integration for 1 operation.").waitFor();
      await page.getByRole("radio", { name: "Create integrations from the document's servers" }).check();
      await page.getByText("1 integration will be created").waitFor();
      await row(page, "/v2/pets").getByText("Pets /v2/pets").waitFor();
      await page.getByRole("textbox", { name: "Title" }).fill("Our pets");
      await page.getByRole("button", { name: "Create API" }).click();
      const dialog = page.getByRole("dialog", { name: "The API key" });
      await dialog.getByText(/^In force on 1 node/).waitFor();
      await dialog.getByLabel("I have kept the key").check();
      await dialog.getByRole("button", { name: "Done" }).click();
      await page.getByRole("heading", { name: "Our pets", level: 1 }).waitFor();
      expect(await page.getByLabel("Path of route 1").inputValue()).toBe("/v2/pets");
    });
    expect(dev.report.apis.length).toBeGreaterThan(0);
  });

  it("makes an API once, also when the response was lost and it is sent again", async () => {
    const { dev, inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      let sent = 0;
      await page.route("**/graphql", async (route) => {
        if (route.request().postData()?.includes("mutation ApplyImport") !== true || sent++ > 0)
          return await route.continue();
        await route.fetch();
        await route.abort();
      });
      await window.go("/apis/import");
      await choose(page, "once.json", shop({ "/a": { get: operation("Read", "a") } }));
      await chooseIntegration(page, "Integration of all others", "north");
      await page.getByRole("textbox", { name: "Title" }).fill("Made once");
      await page.getByText("1 added.").waitFor();
      await page.getByRole("button", { name: "Create API" }).click();
      await page.getByText(/^No response came/).waitFor();
      await page.getByRole("button", { name: "Create API" }).click();
      await page.getByRole("heading", { name: "Made once", level: 1 }).waitFor();
      await page.getByText(/Its key cannot be shown again/).waitFor();
      expect(sent).toBe(2);
      window.problems.length = 0; // the browser logs the lost response
    });
    const { apis } = await dev.graphql<{ apis: { totalCount: number } }>(
      '{ apis(filter: { search: "Made once" }) { totalCount } }',
    );
    expect(apis.totalCount).toBe(1);
  });

  it("compares anew when another operator changed the API, and keeps what was chosen", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Changed meanwhile", { routes: ["GET /a north"] });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/import`);
      await choose(page, "b.json", shop({ "/b": { get: operation("Read", "b") } }));
      await page.getByRole("button", { name: "Integration of GET /b: Choose an integration" }).click();
      await page.getByRole("option", { name: "south" }).first().click();
      await page.getByText("1 added, 1 kept.").waitFor();
      const { integrations } = await dev.sampleIds();
      await dev.mutate(
        "addRoute",
        { apiId: api.id, route: { method: "GET", path: "/c", integrationId: integrations.north } },
        "api { id }",
      );
      await page.getByRole("button", { name: "Apply import" }).click();
      await page.getByText(/This API has changed in the meantime/).waitFor();
      await row(page, "/c").getByText("Kept").waitFor();
      await page.getByText("1 added, 2 kept.").waitFor();
      await page.getByRole("button", { name: "Apply import" }).click();
      await page.getByRole("heading", { name: "Changed meanwhile", level: 1 }).waitFor();
    });
    const routes = await routesOf(dev, api.id);
    expect(routes.map(({ path, integration }) => `${path} ${integration.name}`).toSorted()).toEqual([
      "/a north",
      "/b south",
      "/c north",
    ]);
  });

  it("says that a file is too large before anything is sent", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Too large");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/import`);
      await page.getByText(/up to 16.0 MiB/).waitFor();
      let imports = 0;
      page.on("request", (request) => {
        if (request.postData()?.includes("importOpenApi") === true) imports++;
      });
      // By its path: a text of this size would go to the browser as one message.
      const file = join(dev.dataDir, "large.json");
      writeFileSync(file, " ".repeat(16 * 1024 * 1024 + 1));
      await page.locator('input[type="file"]').setInputFiles(file);
      await page
        .getByRole("alert")
        .getByText(/large.json has 16.0 MiB/)
        .waitFor();
      expect(imports).toBe(0);
    });
  });

  it("keeps document and choices over an expired session", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Expired");
    await inWindow(
      async (window) => {
        const { page } = window;
        await window.go(`/sign-in?next=/apis/${api.id}/import`);
        await page.getByLabel("Admin token", { exact: true }).fill(dev.report.adminToken);
        await page.getByRole("button", { name: "Sign in" }).click();
        await choose(page, "b.json", shop({ "/b": { get: operation("Read", "b") } }));
        await page.getByText("Choose an integration for 1 operation.").waitFor();
        await page.context().clearCookies();
        await page.getByRole("radio", { name: "On", exact: true }).check();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel("Admin token", { exact: true }).fill(dev.report.adminToken);
        await dialog.getByRole("button", { name: "Sign in" }).click();
        await page.getByText("Choose an integration for 1 operation.").waitFor();
        expect(await page.getByRole("radio", { name: "On", exact: true }).isChecked()).toBe(true);
        window.problems.length = 0; // the browser logs the refused request
      },
      { isSignedIn: false },
    );
  });

  it("stays quick with 1 000 operations: few rows are mounted, all are mapped at once", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Large", { routes: [] });
    const paths = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, n) => [
        `/things/${n}/{id}`,
        { get: operation(`Thing ${n}`, `tag ${n % 7}`) },
      ]),
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/import`);
      await choose(page, "large.json", shop(paths));
      await page.getByText("Choose integrations for 1,000 operations.").waitFor();
      const session = await page.context().newCDPSession(page);
      await session.send("Performance.enable");
      const busyMs = async () => {
        const { metrics } = await session.send("Performance.getMetrics");
        return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1_000;
      };
      const list = page.getByRole("list", { name: "Operations" });
      expect(await list.getByRole("listitem").count()).toBeLessThan(60);
      const before = await busyMs();
      await page.getByRole("searchbox", { name: "Filter operations" }).fill("/things/999/");
      await row(page, "Thing 999").waitFor();
      await poll(() => list.getByRole("listitem").count()).toBe(1);
      const filtered = await busyMs();
      await page.getByRole("button", { name: "Clear filter" }).click();
      await page.getByRole("checkbox", { name: "Select 1,000 operations" }).check();
      await page.getByText("1,000 operations selected").waitFor();
      const selected = await busyMs();
      console.info("import of 1 000 operations:", {
        filterMs: Math.round(filtered - before),
        selectMs: Math.round(selected - filtered),
      });
      await chooseIntegration(page, "Integration of the selected operations", "north");
      await page.getByRole("button", { name: "Set integration" }).click();
      await page.getByText("1,000 added.").waitFor();
      await page.getByRole("button", { name: "Apply import" }).click();
      await page.getByText(/^In force on 1 node/).waitFor();
    });
    expect(await routesOf(dev, api.id)).toHaveLength(1_000);
  });
});
