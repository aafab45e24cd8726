/** A person's machine whose clock is minutes off: the console says what is so by the control plane's. */
import { expect, it } from "vitest";
import { poll, suite } from "./support/suite.js";

const OFF_MS = 40 * 60_000;

suite("a clock that is off", (given) => {
  it.each([
    ["behind", -OFF_MS],
    ["ahead", OFF_MS],
  ])("by 40 minutes %s hides no request, and shows a recording that is on", async (name, offMs) => {
    const { dev, inWindow } = given();
    const path = `/clock-${name}`;
    const api = await dev.makeApi(`Clock ${name}`, { routes: [`GET ${path} north`] });
    await dev.graphql(
      `mutation($id: ID!) { updateApi(input: { id: $id, recording: { forSeconds: 600 } }) {
        receipt(timeoutMs: 60000) { complete } userErrors { message }
      } }`,
      { id: api.id },
    );
    const send = async () => {
      const headers = { "Connxio-Api-Key": api.secret };
      const response = await fetch(new URL(path, dev.report.ingressUrl), { headers });
      await response.arrayBuffer();
      return response.status;
    };
    await poll(send).toBe(200);
    await inWindow(async (window) => {
      const { page } = window;
      await page.addInitScript((off) => {
        globalThis.Date = new Proxy(Date, {
          construct: (right, parts: unknown[]) =>
            Reflect.construct(right, parts.length === 0 ? [right.now() + off] : parts) as Date,
          get: (right, name) =>
            name === "now" ? () => right.now() + off : (Reflect.get(right, name) as unknown),
        });
      }, offMs);
      await window.go(`/apis/${api.id}/requests?range=15m`);
      expect(Math.abs((await page.evaluate(() => Date.now())) - Date.now())).toBeGreaterThan(OFF_MS - 60_000);
      expect(await page.getByRole("switch", { name: "Record messages" }).isChecked()).toBe(true);
      await page.getByText(/\(in (9|10) minutes\)/).waitFor();
      const row = page.getByRole("table", { name: "requests" }).getByText(path).first();
      await poll(async () => {
        await page.getByRole("button", { name: "Refresh" }).click();
        return await row.isVisible();
      }).toBe(true);
    });
  });
});
