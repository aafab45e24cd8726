import { readFileSync } from "node:fs";
import { errorSpec, ingressErrorCodes, NEVER_FORWARDED } from "@latchkey/core";
import { expect, it } from "vitest";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

it("explains every error code, with its status, and no other", () => {
  const rows = [
    ...read("docs/failure-modes.md").matchAll(/^\| `([a-z_.]+)` \| (\d{3}) \| (.+) \| (.+) \|$/gm),
  ];
  expect(rows.map(([, code]) => code).sort()).toEqual([...ingressErrorCodes].sort());
  for (const code of ingressErrorCodes) {
    const row = rows.find(([, name]) => name === code);
    expect([code, Number(row?.[2])]).toEqual([code, errorSpec(code).status]);
  }
});

it("names only phases that the code has", () => {
  const page = read("docs/request-path.md");
  const rows = [...page.matchAll(/^\| `(\w+)` \| `?([@\w/.-]+)`? \| .+ \|$/gm)];
  expect(rows.length).toBeGreaterThan(10);
  for (const [, phase = "", where = ""] of rows) {
    if (where.startsWith("@")) continue;
    const source = read(`packages/ingress/src/${where}`);
    expect([where, new RegExp(`\\b${phase}\\b(<[^>]+>)?\\(|readonly ${phase} =`).test(source)]).toEqual([
      where,
      true,
    ]);
  }
  for (const [, where = ""] of page.matchAll(/<br\/>([a-z]+\/[a-z-]+\.ts)/g))
    expect(read(`packages/ingress/src/${where}`)).not.toBe("");
});

it("names every header that is never forwarded, and no other", () => {
  const page = read("docs/request-path.md").toLowerCase();
  const from = page.indexOf("- `proxy`, which");
  const list = page.slice(from, page.indexOf("- `referer`", from));
  const named = [...list.matchAll(/`([a-z0-9-]+)`/g)].map(([, name]) => name);
  const others = new Set(["trustedproxies", "x-forwarded-client-cert"]);
  expect(named.filter((name) => !others.has(name ?? "")).sort()).toEqual([...NEVER_FORWARDED].sort());
});
