/** What `npm test` says of programs that are missing, and when. A PATH with nothing but a shell stands for such a machine. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

let path: string;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "latchkey-path-"));
  symlinkSync("/bin/sh", join(path, "sh"));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

/** An `apt-get` that tells what it was asked for, and puts the program there. */
function addApt(program: string): void {
  const file = join(path, "apt-get");
  writeFileSync(
    file,
    `#!/bin/sh\necho "apt-get $*"\ncase "$1" in install) echo > "${join(path, program)}" ;; esac\n`,
  );
  chmodSync(file, 0o755);
}

/** Lines on both outputs, in their order, of a program that has `machine.mjs` and a user's id. */
function linesOf(code: string, userId: number): readonly string[] {
  const module = JSON.stringify(join(import.meta.dirname, "machine.mjs"));
  const program = `process.getuid = () => ${userId}; const machine = await import(${module}); ${code}`;
  const { stdout, status, stderr } = spawnSync(
    join(path, "sh"),
    ["-c", 'exec "$0" --input-type=module -e "$1" 2>&1', process.execPath, program],
    { encoding: "utf8", env: { PATH: path } },
  );
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.split("\n").filter((line) => line !== "");
}

const ENSURE = 'console.log(JSON.stringify(await machine.ensurePrograms(["chromium-headless-shell"])));';

it("names what apt installs as root before it does", () => {
  addApt("chromium-headless-shell");
  const [first = "", second, third, ...rest] = linesOf(ENSURE, 0);
  expect(first).toContain("Installing with apt-get, as root: chromium-headless-shell (the browser tests)");
  expect(first).toContain("--no-install");
  expect(second).toMatch(/^apt-get update/);
  expect(third).toMatch(/^apt-get install .* chromium-headless-shell$/);
  expect(rest).toEqual([expect.stringMatching(/^\[/)]);
});

it("installs nothing for another user, or without apt, and names what is missing", () => {
  const expected = [
    expect.stringMatching(/^Not on this machine.*: chromium-headless-shell \(the browser tests\)\.$/),
    '["chromium-headless-shell"]',
  ];
  expect(linesOf(ENSURE, 0)).toEqual(expected);
  addApt("chromium-headless-shell");
  expect(linesOf(ENSURE, 1000)).toEqual(expected);
});

it("says which stages and tests are skipped, and for want of what", () => {
  addApt("chromium-headless-shell");
  const stages = `{
    checks: { needs: [], uses: [] },
    unit: { needs: [], uses: ["redis-server"] },
    browser: { needs: ["chromium-headless-shell"], uses: [] },
  }`;
  const lines = linesOf(
    `const missing = machine.missingPrograms(["redis-server", "chromium-headless-shell"]);
     console.log(JSON.stringify(machine.runnableStages(${stages}, ["checks", "unit", "browser"], missing)));`,
    0,
  );
  expect(lines).toEqual([
    'Tests of the stage "unit" are skipped: they need redis-server (the tests of shared rate limits).',
    'The stage "browser" is skipped: it needs chromium-headless-shell (the browser tests).',
    '["checks","unit"]',
  ]);
});

it("takes a Chromium with windows where that is there", () => {
  addApt("nothing");
  writeFileSync(join(path, "chromium"), "", { mode: 0o755 });
  expect(linesOf(ENSURE, 0)).toEqual(["[]"]);
});
