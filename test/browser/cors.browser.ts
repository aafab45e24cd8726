/** A page of another origin that calls an API through the ingress. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { launchChromium } from "./support/chromium.js";
import { poll, type Suite, suite } from "./support/suite.js";

/** An empty page under two origins: `localhost` and `127.0.0.1` are different ones to a browser. */
async function pages(): Promise<{ allowed: string; other: string } & AsyncDisposable> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>page</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    allowed: `http://localhost:${port}`,
    other: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function setPolicy({ dev }: Suite, id: string, cors: object | null): Promise<void> {
  const { updateApi } = await dev.graphql<{ updateApi: { userErrors: object[] } }>(
    `mutation($input: UpdateApiInput!) {
       updateApi(input: $input) { userErrors { message } receipt(timeoutMs: 60000) { complete } }
     }`,
    { input: { id, cors } },
  );
  expect(updateApi.userErrors).toEqual([]);
}

/** What the page's own script sees: the status and a header, or that the browser kept the response from it. */
function call(
  page: Page,
  url: string,
  key: string,
): Promise<readonly [number, string | null] | "kept from the page"> {
  return page.evaluate(
    async ([target, secret]) => {
      try {
        const response = await fetch(target, { headers: { "Connxio-Api-Key": secret } });
        return [response.status, response.headers.get("interchangeid")] as const;
      } catch {
        return "kept from the page" as const;
      }
    },
    [url, key] as const,
  );
}

suite("a page of another origin", (given) => {
  it("calls an API whose policy names its origin, reads refusals, and no other page can", async () => {
    const { dev } = given();
    const { apiId, key, url } = dev.sample(0);
    await using sites = await pages();
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(sites.allowed);
      expect(await call(page, url, key)).toBe("kept from the page");
      await setPolicy(given(), apiId, { origins: [sites.allowed], maxAgeSeconds: 0 });
      expect(await call(page, url, key)).toEqual([200, expect.stringMatching(/^.{8,}$/)]);
      expect(await call(page, url, "lk_wrong")).toEqual([401, expect.any(String)]);
      await page.goto(sites.other);
      expect(await call(page, url, key)).toBe("kept from the page");
      await setPolicy(given(), apiId, null);
      await page.goto(sites.allowed);
      expect(await call(page, url, key)).toBe("kept from the page");
    } finally {
      await browser.close();
    }
  });

  it("is allowed in the API's form, which shows what is wrong with an origin beside it", async () => {
    await given().inWindow(async (window) => {
      const { page } = window;
      const { apiId } = given().dev.sample(1);
      await window.go(`/apis/${apiId}`);
      await page.getByRole("switch", { name: "Allow web pages to call this API" }).click();
      const origins = page.getByLabel("Origins").first();
      const save = page.getByRole("button", { name: "Save", exact: true });
      await origins.fill("app.example.com");
      await origins.press("Enter");
      await save.click();
      await page.getByText("`app.example.com`: an origin has a scheme and a host").waitFor();
      await origins.press("Backspace");
      for (const origin of ["https://app.example.com", "https://*.shop.example"]) {
        await origins.fill(origin);
        await origins.press("Enter");
      }
      await save.click();
      await page.getByText(/^Version \d+, changed/).waitFor();
      await poll(() => save.isDisabled()).toBe(true);
      const { api } = await given().dev.graphql<{ api: object }>(
        "query ($id: ID!) { api(id: $id) { cors { origins maxAgeSeconds } } }",
        { id: apiId },
      );
      expect(api).toEqual({
        cors: { origins: ["https://*.shop.example", "https://app.example.com"], maxAgeSeconds: 600 },
      });
      expect(await window.seriousFindings()).toEqual([]);
      await window.screenshot("cors-form");
    });
  });
});
