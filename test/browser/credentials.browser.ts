/** Credentials: what integrations log in with. Secrets go in, and no response has them. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { Dev } from "./support/dev.js";
import { poll, suiteAlone } from "./support/suite.js";

const FIRST_SECRET = "first-secret-4711";
const NEXT_SECRET = "next-secret-4712";

const text = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
const save = (page: Page) => page.getByRole("button", { name: "Save", exact: true });

suiteAlone("credentials", (given) => {
  it("makes one, which an integration then logs in with, and replaces its secret", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Logged in", { routes: ["GET /logged-in north"] });
    const { integrations } = await dev.sampleIds();
    const received = async () => {
      const response = await fetch(new URL("/logged-in", dev.report.ingressUrl), {
        headers: { "Connxio-Api-Key": api.secret },
      });
      const { headers } = (await response.json()) as { headers: Record<string, string> };
      return headers["x-target-key"] ?? null;
    };
    await inWindow(async (window) => {
      const { page } = window;
      const responses: Promise<string>[] = [];
      page.on("response", (response) => {
        if (response.url().endsWith("/graphql")) responses.push(response.text().catch(() => ""));
      });
      await window.go("/credentials");
      await page.getByRole("link", { name: "New credential" }).first().click();
      await text(page, "Name").fill("Target key");
      await page.getByRole("combobox", { name: "Subscription" }).click();
      await page.getByRole("option", { name: "Sample" }).click();
      await text(page, "Header name").fill("Host");
      await page.getByLabel("Value of the header").fill(FIRST_SECRET);
      await page.getByRole("button", { name: "Create credential" }).click();
      await page.getByText("The credential was not created: see the messages in red.").waitFor();
      await text(page, "Header name").fill("X-Target-Key");
      expect(await window.seriousFindings()).toEqual([]);
      await page.getByRole("button", { name: "Create credential" }).click();
      await page.getByRole("heading", { name: "Target key", level: 1 }).waitFor();
      await page.getByText(/^Set on \d+ \w+ \d{4}/).waitFor();
      await page.getByText("No integration uses it yet.").waitFor();
      const { pathname } = new URL(page.url());

      await window.go(`/integrations/${integrations.north}`);
      await page.getByRole("combobox", { name: "Add a credential" }).click();
      await page.getByRole("option", { name: /^Target key/ }).click();
      await page
        .getByRole("list", { name: "Credentials" })
        .getByRole("link", { name: "Target key" })
        .waitFor();
      await save(page).click();
      await page.getByText(/^In force on 1 node/).waitFor();
      await poll(received).toBe(FIRST_SECRET);

      await window.go(pathname);
      await page.getByRole("link", { name: "north", exact: true }).waitFor();
      await page.getByRole("button", { name: "Replace" }).click();
      await page.getByLabel("Value of the header").fill(NEXT_SECRET);
      await save(page).click();
      await page.getByText(/^In force on 1 node/).waitFor();
      await poll(received).toBe(NEXT_SECRET);
      expect(await page.getByLabel("Value of the header").count()).toBe(0);
      expect(await window.seriousFindings()).toEqual([]);
      const all = (await Promise.all(responses)).join("\n");
      expect(all).toContain("Target key");
      expect(all).not.toContain(FIRST_SECRET);
      expect(all).not.toContain(NEXT_SECRET);

      await page.getByRole("button", { name: "Delete" }).click();
      const dialog = page.getByRole("dialog", { name: "Delete this credential?" });
      await dialog.getByRole("button", { name: "Delete credential" }).click();
      await dialog.getByText('an integration uses it: "north"').waitFor();
      await dialog.getByRole("button", { name: "Cancel" }).click();

      await window.go(`/integrations/${integrations.north}`);
      await page.getByRole("button", { name: "Remove Target key" }).click();
      await save(page).click();
      await page.getByText(/^In force on 1 node/).waitFor();
      await poll(received).toBe(null);
      await window.go(pathname);
      await page.getByRole("button", { name: "Delete" }).click();
      await dialog.getByRole("button", { name: "Delete credential" }).click();
      await poll(() => window.address).toBe("/credentials");
    });
  });

  it("names the nodes that cannot use one, where it is listed, on its page and at the node", async () => {
    const { dev, inWindow } = given();
    const { subscriptionId } = await dev.sampleIds();
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/credentials/new?subscription=${subscriptionId}`);
      await text(page, "Name").fill("Nowhere");
      await text(page, "Header name").fill("X-Target-Key");
      await page
        .getByRole("radiogroup", { name: "Where the secret comes from" })
        .getByText("Reference")
        .click();
      await text(page, "Reference").fill("env:LATCHKEY_SECRET_NOWHERE");
      await page.getByRole("button", { name: "Create credential" }).click();
      const notice = page.getByRole("alert").filter({ hasText: "1 node cannot use this credential." });
      await notice.getByText("env:LATCHKEY_SECRET_NOWHERE").waitFor();
      const { pathname } = new URL(page.url());
      expect(await window.seriousFindings()).toEqual([]);

      await notice.getByRole("link").click();
      const dialog = page.getByRole("dialog", { name: /^Node / });
      await dialog.getByRole("link", { name: "Nowhere" }).click();
      await page.getByRole("heading", { name: "Nowhere", level: 1 }).waitFor();
      await window.go("/credentials");
      await page
        .getByRole("row", { name: /Nowhere/ })
        .getByText("Rejected by 1 node")
        .waitFor();

      await window.go("/");
      const item = page.getByRole("list", { name: "Needs attention" }).getByRole("link", { name: /Nowhere/ });
      expect(await item.textContent()).toMatch(/^Credential Nowhere1 node cannot use it \(/);
      await item.click();
      await notice.getByText("env:LATCHKEY_SECRET_NOWHERE").waitFor();
      await poll(() => window.address).toBe(pathname);

      await text(page, "Reference").fill("env:LATCHKEY_SECRET_ELSEWHERE");
      await save(page).click();
      await notice.getByText("env:LATCHKEY_SECRET_ELSEWHERE").waitFor();
      await page.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("button", { name: "Delete credential" }).click();
      await poll(() => window.address).toBe("/credentials");
    });
  });

  it("tells on an integration's page that nodes cannot use its credential", async () => {
    const { dev, inWindow } = given();
    const { subscriptionId } = await dev.sampleIds();
    const { credential } = await dev.mutate<{ credential: { id: string } }>(
      "createCredential",
      {
        subscriptionId,
        name: "Elsewhere",
        header: { name: "X-Target-Key" },
        secret: { reference: "env:LATCHKEY_SECRET_ELSEWHERE" },
      },
      "credential { id }",
    );
    const { integration } = await dev.mutate<{ integration: { id: string } }>(
      "createIntegration",
      { subscriptionId, name: "Login", urls: ["http://127.0.0.1:9/"], credentialIds: [credential.id] },
      "integration { id }",
    );
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/integrations/${integration.id}`);
      const notice = page
        .getByRole("alert")
        .filter({ hasText: "1 node cannot use its credential Elsewhere." });
      await notice.getByText("env:LATCHKEY_SECRET_ELSEWHERE").waitFor();
      await notice.getByRole("link", { name: "Elsewhere" }).click();
      await page.getByRole("heading", { name: "Elsewhere", level: 1 }).waitFor();
    });
    await dev.mutate("deleteIntegration", { id: integration.id }, "deletedIntegrationId");
    await dev.mutate("deleteCredential", { id: credential.id }, "deletedCredentialId");
  });

  it("takes every setting of each kind, and a reference for the secret", async () => {
    const { dev, inWindow } = given();
    const make = async (kind: string, fields: Readonly<Record<string, string>>, secret: string) => {
      let id = "";
      await inWindow(async (window) => {
        const { page } = window;
        const { subscriptionId } = await dev.sampleIds();
        await window.go(`/credentials/new?subscription=${subscriptionId}`);
        await text(page, "Name").fill(`By ${kind}`);
        await page.getByRole("combobox", { name: "Kind" }).selectOption({ label: kind });
        if ("Key id" in fields)
          await page
            .getByRole("combobox", { name: "Client authentication" })
            .selectOption({ label: "Private key (signed assertion)" });
        for (const [name, value] of Object.entries(fields)) await text(page, name).fill(value);
        await page
          .getByRole("radiogroup", { name: "Where the secret comes from" })
          .getByText("Reference")
          .click();
        await text(page, "Reference").fill("run/secrets/one");
        await page.getByRole("button", { name: "Create credential" }).click();
        await page.getByText(/^A reference is env:NAME or file:/).waitFor();
        await text(page, "Reference").fill(secret);
        await page.getByRole("button", { name: "Create credential" }).click();
        await page.getByRole("heading", { name: `By ${kind}`, level: 1 }).waitFor();
        expect(await text(page, "Reference").inputValue()).toBe(secret);
        id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
      });
      return await storedCredential(dev, id);
    };
    expect(
      await make("Query parameter", { "Parameter name": "api_key" }, "env:LATCHKEY_SECRET_ONE"),
    ).toMatchObject({ query: { name: "api_key" }, secretReference: "env:LATCHKEY_SECRET_ONE" });
    expect(
      await make("User name and password", { "User name": "orders" }, "file:/run/secrets/one"),
    ).toMatchObject({ basic: { userName: "orders" }, secretReference: "file:/run/secrets/one" });
    expect(
      await make(
        "OAuth 2.0 client credentials",
        {
          "Token URL": "http://127.0.0.1:9/token",
          "Client id": "gateway",
          Scope: "a b",
          Audience: "https://orders.example",
          Resource: "https://orders.example/r",
          "Key id": "k1",
        },
        "file:/run/secrets/key.pem",
      ),
    ).toMatchObject({
      oauth: {
        tokenUrl: "http://127.0.0.1:9/token",
        clientId: "gateway",
        clientAuthentication: "PRIVATE_KEY_JWT",
        scope: "a b",
        audience: "https://orders.example",
        resource: "https://orders.example/r",
        keyId: "k1",
      },
    });
    expect(
      await make(
        "Client certificate (mutual TLS)",
        { "Server name": "orders.internal" },
        "file:/run/secrets/client.pem",
      ),
    ).toMatchObject({ mutualTls: { certificate: "", ca: "", serverName: "orders.internal" } });
    expect(
      await make(
        "AWS Signature Version 4",
        { "Access key id": "AKIAIOSFODNN7EXAMPLE", Region: "eu-north-1", Service: "execute-api" },
        "env:LATCHKEY_SECRET_AWS",
      ),
    ).toMatchObject({
      aws: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", region: "eu-north-1", service: "execute-api" },
    });
  });

  it("keeps a secret that another operator replaced, and asks when both did", async () => {
    const { dev, inWindow } = given();
    const id = await makeCredential(dev, "Shared key");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go(`/credentials/${id}`);
      await text(page, "Header name").fill("X-Mine");
      await dev.mutate("updateCredential", { id, secret: { value: "theirs-1" } }, "credential { id }");
      await save(page).click();
      await page.getByText(/^Version 3/).waitFor();
      await page.getByRole("button", { name: "Replace" }).click();
      await page.getByLabel("Value of the header").fill("mine-1");
      await dev.mutate("updateCredential", { id, secret: { value: "theirs-2" } }, "credential { id }");
      await save(page).click();
      const dialog = page.getByRole("dialog", { name: "Someone else changed this credential" });
      await dialog.getByRole("region", { name: "Secret" }).getByText("Another secret").waitFor();
      await dialog.getByLabel("Keep yours").check();
      await dialog.getByRole("button", { name: "Save" }).click();
      await page.getByText(/^Version 5/).waitFor();
    });
    expect(await storedCredential(dev, id)).toMatchObject({ header: { name: "X-Mine" } });
  });

  it("is found by the palette and by the list's filters", async () => {
    const { dev, inWindow } = given();
    const id = await makeCredential(dev, "Warehouse login");
    await inWindow(async (window) => {
      const { page } = window;
      await window.go("/nodes");
      await page.getByRole("heading", { name: "Nodes", exact: true }).waitFor();
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: /^Search APIs, routes/ }).fill("warehouse login");
      await page.getByRole("option", { name: /^Warehouse login/ }).click();
      await poll(() => window.address).toBe(`/credentials/${id}`);
      await window.go("/credentials?q=warehouse");
      await page.getByRole("link", { name: "Warehouse login" }).waitFor();
      await page.getByRole("combobox", { name: "Kind" }).selectOption({ label: "Query parameter" });
      await page.getByText("No credential matches").waitFor();
      await page.getByRole("combobox", { name: "Kind" }).selectOption({ label: "Header" });
      await page.getByRole("row", { name: /Warehouse login/ }).click();
      await poll(() => window.address).toBe(`/credentials/${id}`);
    });
  });
});

async function makeCredential(dev: Dev, name: string): Promise<string> {
  const { subscriptionId } = await dev.sampleIds();
  const { credential } = await dev.mutate<{ credential: { id: string } }>(
    "createCredential",
    { subscriptionId, name, header: { name: "X-Target-Key" }, secret: { value: "one" } },
    "credential { id }",
  );
  return credential.id;
}

async function storedCredential(dev: Dev, id: string): Promise<object> {
  const { credential } = await dev.graphql<{ credential: object }>(
    "query ($id: ID!) { credential(id: $id) { header { name } query { name } basic { userName } oauth { tokenUrl clientId clientAuthentication scope audience resource keyId } mutualTls { certificate ca serverName } aws { accessKeyId region service } secretReference } }",
    { id },
  );
  return credential;
}
