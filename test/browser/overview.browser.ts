/// <reference lib="dom" />
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { poll, suiteAlone } from "./support/suite.js";

const DAY_MS = 86_400_000;
const run = promisify(execFile);

suiteAlone("the overview", (given) => {
  it("leads from nothing to a first request in three steps, with a curl line that works", async () => {
    const { dev, inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/");
      const steps = page.getByRole("region", { name: "Send your first request" });
      await steps.getByRole("heading", { name: "Create an API (done)" }).waitFor();
      await steps.locator('[aria-current="step"]', { hasText: "Call it with its key" }).waitFor();
      expect(await window.seriousFindings()).toEqual([]);
      const pasted = steps.getByLabel("API key", { exact: true });
      if (await pasted.isVisible()) await pasted.fill(dev.sample(0).key);
      expect(await steps.getByRole("region", { name: "curl line" }).textContent()).not.toContain(
        dev.sample(0).key,
      );
      await steps.getByRole("button", { name: "Copy curl line" }).click();
      await steps.getByText("Copied").waitFor();
      const { stdout } = await run("sh", ["-c", await window.clipboard()]);
      expect(stdout).toMatch(/^HTTP\/1\.1 200 /);
      await requestsReported(1);
      await page.reload();
      await page
        .getByRole("heading", { name: "Requests per minute" })
        .or(page.getByText("Top APIs"))
        .first()
        .waitFor();
      expect(await steps.count()).toBe(0);
    });
  });

  it("shows what nodes reported: requests, failures, the busiest API and the errors by their codes", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Busy");
    await poll(() => dev.statusAt("/things/1", { key: api.secret })).toBe(200);
    for (let i = 0; i < 24; i++) await dev.statusAt(`/things/${i}`, { key: api.secret });
    for (let i = 0; i < 3; i++) await dev.statusAt("/nowhere", { key: api.secret });
    await requestsReported(28);
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/");
      await page
        .getByRole("link", { name: /^Nodes in force 1 of 1 All enforce the newest revision/ })
        .waitFor();
      await page.getByRole("link", { name: /^Requests \d+ \d+ with 4xx/ }).waitFor();
      await page.getByRole("link", { name: /^5xx responses 0% 0 of \d+ requests/ }).waitFor();
      await page.getByRole("link", { name: /^Latency, p95 [\d.]+ m?s p50/ }).waitFor();
      await page.getByRole("list", { name: "Top APIs" }).getByRole("link", { name: /^Busy/ }).waitFor();
      await page.getByRole("list", { name: "Top errors" }).getByText("route.not_found").waitFor();
      const changes = page.getByRole("list", { name: "Last changes" });
      await changes.getByText("Created API").first().waitFor();
      expect(await window.seriousFindings()).toEqual([]);
    });
  });

  it("names keys that expire soon and leads to them", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Lapsing");
    const expiresAt = new Date(Date.now() + 3 * DAY_MS + 60_000).toISOString();
    const { key } = await dev.mutate<{ key: { id: string } }>(
      "createApiKey",
      { apiId: api.id, name: "Partner", expiresAt },
      "key { id }",
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/");
      const item = page.getByRole("list", { name: "Needs attention" }).getByRole("link", { name: /Partner/ });
      expect(await item.textContent()).toContain("Expires in 3 days");
      await item.click();
      await page.getByRole("heading", { name: "Partner", level: 2 }).waitFor();
      expect(window.address).toBe(`/apis/${api.id}/keys/${key.id}`);
    });
  });

  /** The control plane has heard of so many requests. */
  async function requestsReported(count: number): Promise<void> {
    const { dev } = given();
    await poll(async () => {
      const { usage } = await dev.graphql<{ usage: { total: { requests: number } } }>(
        "{ usage { total { requests } } }",
      );
      return usage.total.requests;
    }).toBeGreaterThanOrEqual(count);
  }
});
