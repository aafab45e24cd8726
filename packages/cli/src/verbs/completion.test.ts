/** The completion scripts in the shells themselves; a shell that is not on this machine is skipped. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { latchkey } from "../testing/command.js";

const folder = mkdtempSync(join(tmpdir(), "latchkey-completion-"));
beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"])
    writeFileSync(join(folder, shell), (await latchkey("completion", shell)).stdout);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const has = (shell: string): boolean => spawnSync(shell, ["--version"]).status === 0;

function run(shell: string, script: string): { words: string[]; stderr: string } {
  const { stdout, stderr } = spawnSync(shell, ["-c", script], { cwd: folder, encoding: "utf8" });
  const words = stdout.split("\n").map((line) => line.split("\t")[0] ?? "");
  return { words: words.filter((word) => word !== ""), stderr };
}

/** What a shell offers for the last word of a line. */
const shells: Readonly<Record<string, (line: string) => { words: string[]; stderr: string }>> = {
  bash: (line) => {
    const words = line.split(" ").map((word) => `'${word}'`);
    return run(
      "bash",
      `. ./bash; COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _latchkey; printf '%s\n' "\${COMPREPLY[@]}"`,
    );
  },
  fish: (line) => run("fish", `source fish; complete -C '${line}'`),
};

describe.each(Object.keys(shells).filter(has))("completion for %s", (shell) => {
  it.each([
    ["latchkey comp", ["completion"]],
    ["latchkey ke", ["keys"]],
    ["latchkey keys ", ["disable", "enable", "rotate"]],
    ["latchkey keys ro", ["rotate"]],
    ["latchkey list --json apis --se", ["--search"]],
    ["latchkey get api --con", ["--context"]],
  ])("offers for %j: %j", (line, expected) => {
    const { words, stderr } = shells[shell]?.(line) ?? { words: [], stderr: "" };
    expect(stderr).toBe("");
    expect(words.filter((word) => word !== "--help").sort()).toEqual(expected);
  });
});

it.runIf(has("zsh"))("zsh can read its script", () => {
  expect(run("zsh", "zsh -n ./zsh").stderr).toBe("");
});
