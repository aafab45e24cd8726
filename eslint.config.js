// Biome formats and lints; ESLint adds only what needs types (floating promises, any) and the import walls.
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
    plugins: { "@typescript-eslint": tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/no-explicit-any": "error",
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["@latchkey/*/*"],
              message: "Import a package by its name; deep imports pass its exports map by.",
            },
          ],
        },
      ],
    },
  },
);
