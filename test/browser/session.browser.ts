import { expect, it } from "vitest";
import { suiteAlone } from "./support/suite.js";

const token = (page: import("playwright-core").Page) => page.getByLabel("Admin token", { exact: true });

suiteAlone("signing in", (given) => {
  it("leads to the view that was asked for, and refuses a wrong token in words", async () => {
    const { dev, inWindow } = given();
    await inWindow(
      async (window) => {
        const { page } = window;
        await window.go("/nodes");
        await page.waitForURL("**/sign-in?next=%2Fnodes");
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByText("Paste the admin token first.").waitFor();
        await token(page).fill("not-the-token-not-the-token");
        await token(page).press("Enter");
        await page.getByText("This token is not known.").waitFor();
        await token(page).fill(dev.report.adminToken);
        await token(page).press("Enter");
        await page.getByRole("heading", { name: "Nodes", exact: true }).waitFor();
        expect(window.address).toBe("/nodes");
      },
      { isSignedIn: false },
    );
  });

  it("opens GraphiQL at /graphql, from the control plane alone, and runs a query in it", async () => {
    const { inWindow } = given();
    await inWindow(async (window) => {
      const schema = window.page.waitForResponse((response) => response.request().method() === "POST");
      await window.go("/graphql");
      await schema;
      await window.page.locator(".graphiql-query-editor .view-line").first().waitFor();
      await window.page.getByRole("button", { name: /^execute query/i }).click();
      // The editor draws spaces of its own.
      await window.page.locator(".result-window", { hasText: /Orders,\sn/ }).waitFor();
      await window.screenshot("graphiql");
    });
  });

  it("keeps the token out of everything that scripts can read", async () => {
    const { dev, inWindow } = given();
    await inWindow(async (window) => {
      await window.go("/apis");
      await window.page.getByRole("link", { name: "Orders, north" }).waitFor();
      const readable = await window.page.evaluate(
        () =>
          JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]) +
          document.body.innerHTML,
      );
      expect(readable).not.toContain(dev.report.adminToken);
      const [cookie] = await window.page.context().cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict" });
      expect(cookie?.value).not.toContain(dev.report.adminToken);
    });
  });

  it("does nothing for a page that has the cookie but not the CSRF token", async () => {
    const { inWindow } = given();
    await inWindow(async (window) => {
      await window.go("/apis");
      const [response, tryStatus] = await window.page.evaluate(async () => {
        const send = (path: string, body: unknown) =>
          fetch(path, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
          });
        const query = await send("/graphql", { query: "{ apis { totalCount } }" });
        const tried = await send("/try", { method: "GET", path: "/", headers: [], body: null });
        return [(await query.json()) as object, tried.status] as const;
      });
      expect(response).not.toHaveProperty("data.apis");
      expect(tryStatus).toBe(401);
      // The browser notes both refusals; they were asked for.
      window.problems.length = 0;
    });
  });

  it("ends for every window when signing out in one", async () => {
    const { dev, inWindow } = given();
    await inWindow(
      async (window) => {
        const { page } = window;
        await window.go("/sign-in");
        await token(page).fill(dev.report.adminToken);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.waitForURL(/:\d+\/$/);
        const second = await page.context().newPage();
        await second.goto(page.url());
        await second.getByRole("heading", { name: "Overview" }).waitFor();
        await page.getByRole("button", { name: "Sign out" }).click();
        await page.waitForURL("**/sign-in*");
        await second.getByText("Your session has ended.").waitFor();
      },
      { isSignedIn: false },
    );
  });

  it("is listed with its address, and ended from another window", async () => {
    const { dev, inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      const other = await page.context().browser()?.newContext({ userAgent: "Other browser" });
      const second = await other?.newPage();
      if (second === undefined) throw new Error("no second window");
      await second.goto(new URL("/sign-in", dev.report.consoleUrl).href);
      await token(second).fill(dev.report.adminToken);
      await second.getByRole("button", { name: "Sign in" }).click();
      await second.waitForURL(/:\d+\/$/);
      await window.go("/sessions");
      const row = page.getByRole("row", { name: /Other browser/ });
      await row.getByRole("button", { name: /Sign out/ }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
      await row.waitFor({ state: "detached" });
      await page.getByText("This browser").waitFor();
      await second.getByText("Your session has ended.").waitFor();
      await other?.close();
      await window.screenshot("sessions");
    });
  });

  it("asks to sign in over an unsaved form when it expires, and keeps what was typed", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Interrupted");
    await inWindow(
      async (window) => {
        const { page } = window;
        await window.go(`/apis/${api.id}`);
        await token(page).fill(dev.report.adminToken);
        await token(page).press("Enter");
        const summary = page.getByRole("textbox", { name: "Summary" });
        await summary.fill("Typed for an hour");
        const { sessions } = await dev.graphql<{ sessions: { nodes: { id: string }[] } }>(
          "{ sessions(first: 1) { nodes { id } } }",
        );
        await dev.mutate("endSession", { id: sessions.nodes[0]?.id }, "revision { number }");
        const dialog = page.getByRole("dialog", { name: "Your session has expired" });
        await dialog.waitFor();
        expect(await summary.inputValue()).toBe("Typed for an hour");
        await window.screenshot("session-expired");
        await token(page).fill(dev.report.adminToken);
        await token(page).press("Enter");
        await dialog.waitFor({ state: "detached" });
        await page.getByRole("button", { name: "Save", exact: true }).click();
        await page.getByText(/^Version 2, changed/).waitFor();
        expect(await summary.inputValue()).toBe("Typed for an hour");
        // The browser notes what was refused in between.
        window.problems.length = 0;
      },
      { isSignedIn: false },
    );
  });

  it("asks before it is ended over an unsaved form", async () => {
    const { dev, inWindow } = given();
    const api = await dev.makeApi("Leaving");
    await inWindow(
      async (window) => {
        const { page } = window;
        await window.go(`/apis/${api.id}`);
        await token(page).fill(dev.report.adminToken);
        await token(page).press("Enter");
        const summary = page.getByRole("textbox", { name: "Summary" });
        await summary.fill("Not saved");
        await page.getByRole("button", { name: "Sign out" }).click();
        const dialog = page.getByRole("dialog", { name: "Sign out without saving?" });
        await dialog.getByRole("button", { name: "Cancel" }).click();
        expect(await summary.inputValue()).toBe("Not saved");
        await page.getByRole("button", { name: "Sign out" }).click();
        await dialog.getByRole("button", { name: "Sign out and lose changes" }).click();
        await page.waitForURL("**/sign-in*");
      },
      { isSignedIn: false },
    );
  });

  it("goes on by itself when the control plane, which could not be reached, responds again", async () => {
    const { inWindow } = given();
    await inWindow(async (window) => {
      const { page } = window;
      await page.route("**/session", (route) => route.fulfill({ status: 503, body: "" }));
      await window.go("/nodes");
      await page.getByText("The control plane cannot be reached. Trying again…").waitFor();
      await page.unroute("**/session");
      await page.getByRole("heading", { name: "Nodes", exact: true }).waitFor();
      expect(window.address).toBe("/nodes");
    });
  });

  it("never leads to another site", async () => {
    const { inWindow } = given();
    await inWindow(async (window) => {
      for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example"]) {
        await window.go(`/sign-in?next=${encodeURIComponent(next)}`);
        await window.page.waitForURL(/:\d+\/$/);
      }
    });
  });
});
