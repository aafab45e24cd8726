/** Who gets in over HTTP, who keeps whom out, and what the audit log has of it: clients of several addresses. */
import { describe, expect, it } from "vitest";
import {
  bearer,
  controlPlane,
  GUESSER,
  graphql,
  live,
  logLines,
  OPERATOR,
  origin,
  setUpAccess,
  signIn,
  start,
  TOKEN,
} from "./testing/access.js";
import { ask } from "./testing/ask.js";
import { type Json } from "./testing/fixture.js";

setUpAccess();

async function audit(action: string): Promise<Json[]> {
  const { data } = await graphql(
    `{ auditLog(filter: { action: "${action}" }) { nodes { actor action targetKind targetName address after } } }`,
  );
  return data.auditLog.nodes;
}

describe("wrong tokens", () => {
  it("are counted by address wherever they come in: the guesser is refused, everybody else gets in", async () => {
    await start();
    const places: (() => Promise<number>)[] = [
      async () => (await signIn(GUESSER, "wrong-1")).status,
      async () => (await graphql("{ viewer { actor } }", GUESSER, bearer("wrong-2"))).status,
      async () =>
        (await ask(`${origin}/apis/api_1/openapi.json`, { from: GUESSER, headers: bearer("wrong-3") }))
          .status,
      async () => (await ask(`${origin}/metrics`, { from: GUESSER, headers: bearer("wrong-4") })).status,
      async () =>
        (await ask(`${origin}/try`, { from: GUESSER, headers: bearer("wrong-5"), body: {} })).status,
    ];
    for (const guess of places) expect(await guess()).toBe(401);
    for (const guess of places) expect(await guess()).toBe(429);
    // Not even the right token: otherwise a guess would tell.
    const late = await ask(`${origin}/session`, { from: GUESSER, body: { token: TOKEN } });
    expect(late.status).toBe(429);
    expect(Number(late.headers["retry-after"])).toBeGreaterThan(0);
    expect((await live({ from: GUESSER, init: bearer() }).over).code).toBe(4429);

    expect((await signIn()).status).toBe(200);
    expect((await graphql("{ viewer { actor } }")).data.viewer.actor).toBe("admin");
    const { text } = await ask(`${origin}/metrics`, { from: OPERATOR, headers: bearer() });
    expect(text).toContain('latchkey_access_refused_total{place="graphql",reason="token"} 1');
    expect(text).toContain('latchkey_access_refused_total{place="sign-in",reason="throttled"} 2');
  });

  it("count over WebSocket too", async () => {
    await start();
    for (let i = 0; i < 5; i++)
      expect((await live({ from: GUESSER, init: bearer(`wrong-${i}`) }).over).code).toBe(4403);
    expect((await live({ from: GUESSER, init: bearer("wrong") }).over).code).toBe(4429);
    expect((await signIn(GUESSER)).status).toBe(429);
  });

  it("do not end the session of an operator behind the same address", async () => {
    await start();
    const { headers } = await signIn(GUESSER);
    for (let i = 0; i < 6; i++) await signIn(GUESSER, `wrong-${i}`);
    expect((await graphql("{ viewer { actor } }", GUESSER, headers)).data.viewer.actor).toBe("admin");
  });

  it("are in log and audit log with address and place, not one row each, and never the token", async () => {
    await start();
    for (let i = 0; i < 40; i++) await signIn(GUESSER, `wrong-guess-${i}`);
    await graphql("{ viewer { actor } }", "127.0.0.67", bearer("wrong-guess-x"));
    await controlPlane.close(); // writes what it gathered
    await start();
    const rows = await audit("access.refuse");
    expect(
      rows
        .map(({ actor, targetName, address, after }) => [
          actor,
          targetName,
          address,
          after.reason,
          after.attempts,
        ])
        .sort(),
    ).toEqual([
      ["unknown", "graphql", "127.0.0.67", "a wrong token", 1],
      ["unknown", "sign-in", GUESSER, "a wrong token", 1],
      ["unknown", "sign-in", GUESSER, "a wrong token", 4],
      ["unknown", "sign-in", GUESSER, "too many wrong tokens", 1],
      ["unknown", "sign-in", GUESSER, "too many wrong tokens", 34],
    ]);
    const log = logLines.join("");
    expect(log).toContain(GUESSER);
    expect(log + JSON.stringify(rows)).not.toContain("wrong-guess");
  });
});

describe("the audit log", () => {
  it("has sign-ins, sign-outs and refused pages, with the address", async () => {
    await start();
    const { headers } = await signIn();
    await ask(`${origin}/graphql`, {
      from: OPERATOR,
      headers: { cookie: headers.cookie },
      body: { query: "{ viewer { actor } }" },
    });
    await ask(`${origin}/session`, { from: OPERATOR, method: "DELETE", headers });
    await signIn(GUESSER, TOKEN, { origin: "http://evil.example" });
    await graphql('mutation { createSubscription(input: { name: "S" }) { revision { number } } }');
    await controlPlane.close();
    await start();
    const { data } = await graphql("{ auditLog { nodes { actor action targetName address after } } }");
    const seen = data.auditLog.nodes.map(({ actor, action, targetName, address, after }: Json) =>
      [actor, action, targetName, address, after?.reason].join(" | "),
    );
    expect(seen.sort()).toEqual(
      [
        `admin | session.create | admin | ${OPERATOR} | `,
        `admin | session.end | admin | ${OPERATOR} | `,
        `admin | access.refuse | graphql | ${OPERATOR} | a session without its CSRF token`,
        `unknown | access.refuse | sign-in | ${GUESSER} | a page of another origin`,
        `admin | subscription.create | S | ${OPERATOR} | `,
      ].sort(),
    );
  });
});

describe("the session cookie", () => {
  it("is worth nothing any more when the token that opened it was replaced and comes back", async () => {
    await start();
    const { headers } = await signIn();
    const status = async () => (await graphql("{ viewer { actor } }", OPERATOR, headers)).status;
    expect(await status()).toBe(200);
    await controlPlane.close();
    await start();
    expect(await status()).toBe(200);
    await controlPlane.close();
    await start({ adminToken: "another-admin-token-of-the-tests" });
    expect(await status()).toBe(401);
    await controlPlane.close();
    await start();
    expect(await status()).toBe(401);
  });

  it("has the __Host- prefix and Secure where browsers come over HTTPS, and then no other name is taken", async () => {
    await start({}, { secureCookies: true });
    const { setCookie, headers } = await signIn();
    expect(setCookie).toMatch(
      /^__Host-latchkey_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Expires=.*; Secure$/,
    );
    expect((await graphql("{ viewer { actor } }", OPERATOR, headers)).status).toBe(200);
    const plain = { ...headers, cookie: headers.cookie.replace("__Host-", "") };
    expect((await graphql("{ viewer { actor } }", OPERATOR, plain)).status).toBe(401);
  });

  it("has a plain name without TLS, where browsers refuse the prefix", async () => {
    await start();
    expect((await signIn()).setCookie).toMatch(/^latchkey_session=/);
  });

  it("is judged beside an Authorization header of another scheme, as a proxy in front may demand", async () => {
    await start();
    const { headers } = await signIn();
    const both = { ...headers, authorization: "Basic dXNlcjpwYXNz" };
    expect((await graphql("{ viewer { actor } }", OPERATOR, both)).status).toBe(200);
  });
});
