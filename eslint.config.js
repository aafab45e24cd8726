// Biome formats and lints; ESLint adds what needs types (floating promises, any), the import walls, and the cost of
// patterns: text from outside must not buy more than linear time.
import regexp from "eslint-plugin-regexp";
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "**/gen/**",
      "**/node_modules/**",
      "data/**",
      "test-output/**",
      "**/*.js",
      "**/*.mjs",
    ],
  },
  {
    files: ["packages/*/src/**/*.{ts,tsx}"],
    plugins: { "@typescript-eslint": tseslint.plugin, regexp },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/no-explicit-any": "error",
      "regexp/no-super-linear-backtracking": ["error", { report: "potential" }],
      "regexp/no-super-linear-move": ["error", { report: "potential" }],
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              // These are in the exports map: one must run before the rest of its package is loaded, the others load nothing else, or keep a library from being loaded by all tests.
              group: [
                "@latchkey/*/*",
                "!@latchkey/observe/prepare-process",
                "!@latchkey/observe/release",
                "!@latchkey/observe/terminal-text",
                "!@latchkey/testkit/postgres",
                "!@latchkey/testkit/undici",
              ],
              message: "Import a package by its name; deep imports pass its exports map by.",
            },
          ],
        },
      ],
    },
  },
);
