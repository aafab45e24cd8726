/** An API records its messages for a time: switched on, seen masked, sent again, switched off, each with clicks. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { ConsolePage } from "./support/console-page.js";
import type { Dev } from "./support/dev.js";
import { requestDrawer as drawer, openRequest } from "./support/request-drawer.js";
import { poll, suite } from "./support/suite.js";

const IN_HEADER = "bearer-in-the-header";
const IN_QUERY = "token-in-the-query";
const IN_BODY = "password-in-the-body";
const EMAIL = "someone@example.com";

async function send(dev: Dev, key: string, interchangeId: string): Promise<number> {
  const response = await fetch(new URL(`/recorded/7?page=2&token=${IN_QUERY}`, dev.report.ingressUrl), {
    method: "POST",
    headers: {
      "Connxio-Api-Key": key,
      InterchangeId: interchangeId,
      Authorization: `Bearer ${IN_HEADER}`,
      "Content-Type": "application/json",
      "X-Note": "shown",
    },
    body: JSON.stringify({ sku: "A-1", password: IN_BODY, customer: { email: EMAIL } }),
  });
  await response.arrayBuffer();
  return response.status;
}

const contents = (page: Page) => drawer(page).getByRole("region", { name: "Headers and bodies" });
const toggle = (page: Page) => page.getByRole("switch", { name: "Record messages" });

/** Opens a request once its node has reported it, and waits for the text. */
async function opened(window: ConsolePage, interchangeId: string, text: string): Promise<void> {
  const { page } = window;
  await openRequest(window, interchangeId);
  await poll(async () => {
    const again = contents(page).getByRole("button", { name: "Reload" });
    if (await again.isVisible()) await again.click();
    return await contents(page).getByText(text).first().isVisible();
  }).toBe(true);
}

suite("recorded messages", (given) => {
  it("are switched on, shown masked, sent again and switched off", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Recorded", { routes: ["POST /recorded/{id} north"], isRecoverable: true });
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/requests`);
      await toggle(page).click();
      const dialog = page.getByRole("dialog", { name: "Record messages" });
      await dialog.getByLabel("Also mask").fill("customer.email");
      await dialog.getByRole("button", { name: "Start recording" }).click();
      await dialog.getByText("`customer.email`", { exact: false }).waitFor();
      await dialog.getByLabel("For").selectOption("15 minutes");
      await dialog.getByLabel("Also mask").fill("$..email");
      await dialog.getByRole("button", { name: "Start recording" }).click();
      await dialog.waitFor({ state: "detached" });
      await page.getByText(/Recording started\. In force on 1 node/).waitFor();
      await page.getByText(/switched on by/).waitFor();
      await poll(() => toggle(page).isChecked()).toBe(true);
      await page.getByRole("navigation", { name: "Views of this API" }).getByText("Information").click();
      await page.getByRole("banner").or(page.locator("header")).getByText("Recording").first().waitFor();

      const id = `recorded-${Date.now()}`;
      expect(await send(dev, api.secret, id)).toBe(200);
      await opened(window, id, "Request of the client");
      for (const part of ["Request to the integration", "Response of the integration"])
        await contents(page).getByText(part).click();
      const text = (await contents(page).textContent()) ?? "";
      for (const shown of [
        "/recorded/7?page=•••&token=•••",
        "x-note",
        "shown",
        '"sku": "A-1"',
        "x-forwarded-for",
      ])
        expect(text).toContain(shown);
      for (const secret of [IN_HEADER, IN_QUERY, IN_BODY, EMAIL, api.secret])
        expect(text, secret).not.toContain(secret);
      expect(await contents(page).getByTitle("Masked").count()).toBeGreaterThan(4);

      await drawer(page).getByRole("button", { name: "Copy as curl" }).click();
      await drawer(page).getByRole("button", { name: "Copied" }).waitFor();
      const line = await window.clipboard();
      expect(line).toContain(`${dev.report.ingressUrl}/recorded/7?page=•••&token=•••`);
      expect(line).toContain(`--data-raw '{"sku":"A-1","password":"•••","customer":{"email":"•••"}}'`);
      expect(line).toContain("Connxio-Api-Key: YOUR_KEY");

      await drawer(page).getByRole("link", { name: "Send again" }).click();
      const form = page.getByRole("dialog", { name: "Try it" });
      await form.getByText("Filled in from the recorded request.", { exact: false }).waitFor();
      await form.getByText("Not filled in: authorization", { exact: false }).waitFor();
      expect(await form.getByRole("group", { name: "Path parameters" }).getByLabel("id").inputValue()).toBe(
        "7",
      );
      await form.getByRole("button", { name: "Send", exact: true }).click();
      await poll(() => form.getByTestId("response-status").textContent()).toContain("200");
    });
  });

  it("are not recorded any more once the switch is off", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Recorded no more", { routes: ["POST /recorded/{id} north"] });
    await dev.mutate("updateApi", { id: api.id, recording: { forSeconds: 600 } }, "api { id }");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/apis/${api.id}/requests`);
      await poll(() => toggle(page).isChecked()).toBe(true);
      await toggle(page).click();
      await page.getByText(/Recording stopped\. In force on 1 node/).waitFor();
      await poll(() => toggle(page).isChecked()).toBe(false);
      const id = `not-recorded-${Date.now()}`;
      expect(await send(dev, api.secret, id)).toBe(200);
      await opened(window, id, "Not recorded: this API did not record then.");
      await contents(page).getByRole("link", { name: "Record messages of this API" }).waitFor();
      await drawer(page).getByRole("link", { name: "Open in “Try it”" }).waitFor();
    });
  });
});
