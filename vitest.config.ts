import { defineConfig } from "vitest/config";

/** Files whose rows are all left to `npm run faults`, which sets the variable. */
const longOnly = ["normal", "nightly"].includes(process.env.LATCHKEY_FAULTS ?? "")
  ? []
  : ["**/*.long.e2e.ts"];

// One graphql instance: vite resolves graphql's ESM build, Apollo requires its CJS build, and graphql
// refuses values of "another module or realm".
const alias = [{ find: /^graphql$/, replacement: "graphql/index.js" }];

/** Unit tests run the sources of every package, never an old build. Processes and threads that tests start run `dist`. */
const fromSource = {
  resolve: { conditions: ["@latchkey/source", "node", "development|production"] },
};

export default defineConfig({
  test: {
    // Unit tests wait for sockets and timers too: three files at a time, also on two cores.
    maxWorkers: 3,
    projects: [
      {
        resolve: { alias },
        ssr: fromSource,
        test: {
          name: "unit",
          // Files share what they import: a third of the stage's CPU time was importing the same sources again.
          isolate: false,
          include: ["packages/*/src/**/*.test.ts", "test/contract/**/*.test.ts", "scripts/**/*.test.ts"],
          setupFiles: ["test/support/property-seed.ts"],
          // Tests wait for events: a time-out only ends one that hangs, on a busy machine too.
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Sockets by public interfaces of Node.js only, as a node does with LATCHKEY_INGRESS_IO=portable.
        resolve: { alias },
        test: {
          name: "portable",
          isolate: false,
          include: ["packages/http1/src/*.test.ts", "packages/http1/src/{server,client}/**/*.test.ts"],
          env: { LATCHKEY_INGRESS_IO: "portable" },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "e2e",
          globalSetup: ["test/support/build-first.mjs"],
          include: ["test/e2e/**/*.e2e.ts", "test/conformance/**/*.e2e.ts", "test/fault/**/*.e2e.ts"],
          exclude: longOnly,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Real processes and real ports: one file at a time on a small machine.
          fileParallelism: false,
        },
      },
      {
        resolve: { alias },
        test: {
          name: "browser",
          globalSetup: ["test/support/build-first.mjs", "test/browser/support/shared-folder.ts"],
          // Files share what they import, and a started stack (support/shared-dev.ts).
          isolate: false,
          include: ["test/browser/**/*.browser.ts"],
          // A time-out only ends one that hangs: what takes 15 s alone took 120 on a busy machine.
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Chromium waits for the control plane and the other way round: two files keep two cores at work.
          maxWorkers: 2,
        },
      },
    ],
  },
});
