/** All problems of a configuration at once; each names the setting, where it came from, the value and what was expected. */

export interface ConfigProblem {
  /** Dotted name, the unknown name as it was written, or the path of a file that has no settings. */
  readonly setting: string;
  /** `environment variable X`, `file Y`, `file of settings`, `option`, or `default`. */
  readonly source: string;
  /** As it was given; `(secret)` for secrets, null when it was absent. */
  readonly value: string | null;
  readonly expected: string;
}

export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(
      `the configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${problems.map(line).join("\n")}`,
    );
    this.problems = problems;
  }
}

function line(problem: ConfigProblem): string {
  const got = problem.value === null ? "is missing" : `is ${problem.value}`;
  return `  ${problem.setting} (${problem.source}) ${got}; expected ${problem.expected}`;
}
