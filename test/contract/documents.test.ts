/** Holds the documents to the project: what they link to, and the commands, files, functions and variables that they name, exist. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024,
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));

/** A changelog and a journal of measurements tell of what was there at the time. */
const pages = files.filter(
  (file) => file.endsWith(".md") && !/^(?:CHANGELOG\.md|bench\/JOURNAL\.md)$/.test(file),
);
const decisions = files.filter((file) => /^docs\/adr\/(?!0000)\d{4}-.*\.md$/.test(file)).sort();
const text = (file: string) => readFileSync(join(root, file), "utf8");
const sources = files.filter((file) =>
  /^(?:packages|proto|scripts|bench|test)\/.*\.(?:ts|tsx|mjs|js|proto|css|graphql)$/.test(file),
);
/** All of the code as one text, to look names up in. */
const code = sources.map(text).join("\n");
const known = new Set(files.flatMap((file) => ancestorsOf(file)));

function ancestorsOf(file: string): string[] {
  const parts = file.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

interface Named {
  readonly page: string;
  readonly name: string;
}

/** The first group of each match, with the page it stands on. */
function named(pattern: RegExp, of: readonly string[] = pages): readonly Named[] {
  return of.flatMap((page) =>
    [...text(page).matchAll(pattern)].map((match) => ({ page, name: match[1] ?? "" })),
  );
}

/** Code spans; fences are left out. */
function spans(pattern: RegExp): readonly Named[] {
  return pages.flatMap((page) => {
    const prose = text(page).replace(/^( *)```[\s\S]*?^\1```/gm, "");
    return [...prose.matchAll(/`([^`\n]+)`/g)].flatMap(([, span = ""]) => {
      const match = pattern.exec(span);
      return match === null ? [] : [{ page, name: match[1] ?? "" }];
    });
  });
}

function scriptsOf(manifest: string): Readonly<Record<string, string>> {
  return (JSON.parse(text(manifest)) as { scripts?: Record<string, string> }).scripts ?? {};
}

const show = ({ page, name }: Named) => `${page}: ${name}`;

/** As GitHub makes them of headings. */
function anchorsOf(page: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const headings = [...text(page).matchAll(/^#+ +(.*)$/gm)].map(([, heading = ""]) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .trim()
      .replace(/ /g, "-"),
  );
  return new Set(
    headings.map((heading) => {
      const count = seen.get(heading) ?? 0;
      seen.set(heading, count + 1);
      return count === 0 ? heading : `${heading}-${count}`;
    }),
  );
}

describe("the documents", () => {
  it("link to files and headings that exist", () => {
    const missing = named(/\]\((?!https?:|mailto:)([^)\s]+)\)/g).filter(({ page, name }) => {
      const [path = "", anchor] = name.split("#");
      const target = path === "" ? page : join(dirname(page), path).replace(/\/$/, "");
      if (!known.has(target)) return true;
      return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).has(anchor);
    });
    expect(missing.map(show)).toEqual([]);
  });

  it("explain every code of an import's report in docs/openapi.md, and no other one", () => {
    const [, union = ""] =
      /export type ReportCode =([^;]+);/.exec(text("packages/openapi/src/import-report.ts")) ?? [];
    const folder = "packages/control-plane/src/modules/api";
    const notes = ["import-notes.ts", "import-integrations.ts"]
      .map((file) => text(`${folder}/${file}`))
      .join("\n");
    const codes = new Set([
      ...[...union.matchAll(/"([a-z_.]+)"/g)].map(([, code]) => code),
      ...[...notes.matchAll(/code: "([a-z_.]+)"/g)].map(([, code]) => code),
    ]);
    const [, table = ""] = /\| code \| what to do \|\n([\s\S]+?)\n\n/.exec(text("docs/openapi.md")) ?? [];
    const explained = [...table.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([a-z_.]+)`/g)].map(([, code]) => code),
    );
    expect(codes.size).toBeGreaterThan(40);
    expect(explained.toSorted()).toEqual([...codes].toSorted());
  });

  it("show pictures that exist", () => {
    const pictures = named(/(?:src|srcset)="(?!https?:)([^"]+)"/g);
    expect(pictures.length).toBeGreaterThan(0);
    expect(pictures.filter(({ page, name }) => !known.has(join(dirname(page), name))).map(show)).toEqual([]);
  });

  it("list every decision under its title in docs/adr/README.md, each once and in order", () => {
    const listed = text("docs/adr/README.md").match(/^- \[.*$/gm);
    const there = decisions.map(
      (file) => `- [${text(file).split("\n")[0]?.slice(2)}](${file.split("/").at(-1)})`,
    );
    expect(listed).toEqual(there);
  });

  it.each(decisions)("%s is one decision on one screen, without a diary", (file) => {
    const page = text(file);
    expect(page.trimEnd().split("\n").length).toBeLessThanOrEqual(45);
    expect(page).toMatch(
      /^# \d{4}\. .+\n\nStatus: (?:proposed|accepted|replaced by \d{4}) · [\d-]+\n\n## Context\n/,
    );
    expect(page.match(/^## .*$/gm)).toEqual(
      ["Context", "Decision", "Drawbacks", "Alternatives", "Open questions"]
        .map((section) => `## ${section}`)
        .filter((heading) => page.includes(`\n${heading}\n`)),
    );
    expect(page.match(/measured again|in the meantime|^\d{4}-\d\d-\d\d:/gim)).toBeNull();
  });

  it("stand on the map in docs/README.md, decisions on their own index", () => {
    const map = named(/\]\((?!https?:)([^)\s#]+\.md)\)/g, ["docs/README.md"]).map(({ page, name }) =>
      join(dirname(page), name),
    );
    const mapped = new Set([...map, ...decisions, "docs/README.md", "docs/adr/0000-template.md"]);
    expect(files.filter((file) => file.endsWith(".md") && !mapped.has(file))).toEqual([]);
  });

  it("and the code name decisions that exist", () => {
    const missing = named(/\b(docs\/adr\/[\w-]+\.md)/g, [...pages, ...sources]).filter(
      ({ name }) => !known.has(name),
    );
    expect(missing.map(show)).toEqual([]);
  });

  it("name npm scripts that exist", () => {
    const missing = named(/\bnpm run ([a-z][a-z0-9:-]*(?: -w [\w/]+)?)/g, [...pages, ...sources]).filter(
      ({ name }) => {
        const [script = "", folder] = name.split(" -w ");
        const manifest = folder === undefined ? "package.json" : `${folder}/package.json`;
        return !known.has(manifest) || !Object.hasOwn(scriptsOf(manifest), script);
      },
    );
    expect(missing.map(show)).toEqual([]);
  });

  it("name verbs and options of the command that exist", () => {
    // Verbs of resources are made in a loop, and found by their name.
    const verbs = new Set(
      [...code.matchAll(/(?:\.command\(|verb\(program, )"([a-z-]+)/g)].map(([, verb]) => verb),
    );
    const lines = named(/(?:`| {4}|bin\/)latchkey(?:\.js)? ([a-z][^`\n]*)/g);
    const missing = lines.filter(({ name }) => !verbs.has(name.split(" ")[0]));
    const options = lines.flatMap(({ page, name }) =>
      [...name.matchAll(/(?<= )(--[a-z][a-z-]*)/g)].map(([option]) => ({ page, name: option })),
    );
    const absent = options.filter(({ name }) => !code.includes(`"${name}`) && !code.includes(` ${name} `));
    expect([...missing, ...absent].map(show)).toEqual([]);
  });

  it("name files and folders that exist", () => {
    const missing = spans(/^((?:packages|docs|test|bench|scripts|proto)\/[\w./-]+)$/).filter(
      ({ name }) => !known.has(name.replace(/\/$/, "")) && !/\/dist\/|\*/.test(name),
    );
    const basenames = new Set(files.map((file) => file.split("/").at(-1)));
    const unnamed = spans(/^((?:[\w.-]+\/)*[a-z0-9-]+(?:\.[a-z0-9]+)?\.(?:ts|tsx|mjs|proto|sql))$/).filter(
      ({ name }) =>
        !basenames.has(name.split("/").at(-1)) || !files.some((file) => `/${file}`.endsWith(`/${name}`)),
    );
    expect([...missing, ...unnamed].map(show)).toEqual([]);
  });

  it("name functions that exist", () => {
    const missing = spans(/^(?:[A-Za-z.]+\.)?([a-z][A-Za-z0-9]*)\([^)]*\)$/).filter(
      ({ name }) => !new RegExp(`\\b${name}\\b`).test(code),
    );
    expect(missing.map(show)).toEqual([]);
  });

  it("name settings that exist", () => {
    const settings = text("docs/config.md");
    const missing = spans(/^(LATCHKEY_[A-Z0-9_]+[A-Z0-9])\b/).filter(
      ({ name }) => !settings.includes(name.replace(/_FILE$/, "")) && !code.includes(name),
    );
    expect(missing.map(show)).toEqual([]);
  });
});
