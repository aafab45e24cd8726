import { expect, it } from "vitest";
import { poll, suiteAlone } from "./support/suite.js";

suiteAlone("integrations, subscriptions, nodes and activity", (given) => {
  it("makes, changes and deletes an integration, and names the routes that hold it back", async () => {
    const { dev, inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/integrations");
      await page.getByRole("link", { name: "New integration" }).first().click();
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("Labels");
      const subscription = page.getByRole("combobox", { name: "Subscription" });
      await subscription.click();
      await page.getByRole("option", { name: "Sample" }).click();
      await page.getByRole("textbox", { name: "Upstream URLs" }).fill("ftp://labels.example/");
      await page.getByRole("button", { name: "Create integration" }).click();
      await page.getByText(/http/).filter({ hasText: /URL/ }).last().waitFor();
      await page.getByRole("textbox", { name: "Upstream URLs" }).fill("http://127.0.0.1:9/labels");
      await page.getByRole("button", { name: "Create integration" }).click();
      await page.getByRole("heading", { name: "Labels", level: 1 }).waitFor();
      await page.getByText("No route leads here yet.").waitFor();
      await page.getByRole("textbox", { name: "Description" }).fill("Prints labels.");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText(/^Version 2, changed/).waitFor();

      await dev.makeApi("Printing", { routes: ["POST /labels Labels"] });
      await page.getByRole("button", { name: "Delete", exact: true }).click();
      const dialog = page.getByRole("dialog", { name: "Delete this integration?" });
      await dialog.getByRole("button", { name: "Delete integration" }).click();
      await dialog
        .getByRole("alert")
        .getByText(/Printing/)
        .waitFor();
      await dialog.getByRole("button", { name: "Cancel" }).click();
      await page.reload();
      await page.getByRole("heading", { name: "Used by 1 route" }).waitFor();
    });
  });

  it("makes, renames and deletes a subscription", async () => {
    const { inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/subscriptions");
      await page.getByRole("button", { name: "New subscription" }).click();
      await page.getByRole("dialog").getByRole("textbox", { name: "Name", exact: true }).fill("Harbour");
      await page.keyboard.press("Enter");
      await page.getByRole("row", { name: /Harbour/ }).waitFor();
      await page.getByRole("button", { name: "Actions of subscription Harbour" }).click();
      await page.getByRole("menuitem", { name: "Rename" }).click();
      await page.getByRole("dialog").getByRole("textbox", { name: "Name", exact: true }).fill("Port");
      await page.keyboard.press("Enter");
      await page.getByRole("row", { name: /Port/ }).waitFor();
      await page.getByRole("button", { name: "Actions of subscription Port" }).click();
      await page.getByRole("menuitem", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete subscription" }).click();
      await page.getByRole("row", { name: /Port/ }).waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Actions of subscription Sample" }).click();
      await page.getByRole("menuitem", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete subscription" }).click();
      await page
        .getByRole("alert")
        .getByText(/still has/)
        .waitFor();
    });
  });

  it("shows nodes live: one that is healthy, and a new one that was never seen", async () => {
    const { dev, inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/nodes");
      const node = page.getByRole("row", { name: /node-1/ });
      await node.getByText("Healthy").waitFor();
      const revision = async () =>
        Number(await node.getByRole("cell", { name: /^\d+$/ }).first().textContent());
      const before = await revision();
      await dev.makeApi("One more revision");
      await poll(revision).toBeGreaterThan(before);
      await page.getByRole("button", { name: "New node" }).click();
      await page.getByRole("dialog").getByRole("textbox", { name: "Name", exact: true }).fill("spare");
      await page.keyboard.press("Enter");
      const shown = page.getByRole("dialog", { name: "The node's token" });
      await shown.getByLabel("I have kept the token").check();
      await shown.getByRole("button", { name: "Done" }).click();
      const spare = page.getByRole("row", { name: /spare/ });
      await spare.getByText("Never seen").waitFor();
      await page.getByRole("link", { name: /1 of 1 node healthy/ }).waitFor();
      await page.getByRole("button", { name: "Actions of node node-1" }).click();
      await page.getByRole("menuitem", { name: "Details" }).click();
      await page.getByRole("dialog", { name: "Node node-1" }).getByText("Digest").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Actions of node spare" }).click();
      await page.getByRole("menuitem", { name: "Remove" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove node" }).click();
      await spare.waitFor({ state: "detached" });
    });
  });

  it("writes down who changed what, before and after, without secrets", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Watched", { isRecoverable: true });
    await dev.mutate(
      "updateApi",
      { id: api.id, expectedVersion: 1, title: "Watched closely", summary: "", routes: [] },
      "api { id }",
    );
    await dev.mutate("revealApiKey", { id: api.keyId }, "key { id }");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/activity");
      await page.getByRole("link", { name: "admin changed the API Watched closely" }).click();
      const change = page.getByRole("dialog", { name: "api.update" }).getByRole("row", { name: /title/ });
      await poll(() => change.getByRole("cell").allTextContents()).toEqual(["Watched", "Watched closely"]);
      await page.keyboard.press("Escape");
      await page.getByRole("combobox", { name: "Action" }).selectOption("apiKey.reveal");
      const reveal = page.getByRole("link", { name: /saw the secret of/ }).first();
      await reveal.waitFor();
      expect(await page.content()).not.toContain(api.secret);
      await page.reload();
      await reveal.click();
      await page.getByRole("dialog", { name: "apiKey.reveal" }).waitFor();
      expect(await page.content()).not.toContain(api.secret);
    });
  });
});
