// Builds GraphiQL into dist/graphiql: static files that the control plane serves at /graphql, with nothing from elsewhere.
import { defineConfig } from "vite";

export default defineConfig({
  root: "src/graphiql",
  publicDir: false,
  worker: { format: "es" },
  build: {
    outDir: "../../dist/graphiql",
    emptyOutDir: true,
    target: "es2022",
    // Of what is bundled; the npm package has it in its list of licenses.
    license: { fileName: ".vite/license.json" },
    assetsDir: "graphiql",
    // The page's policy takes nothing inline but styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The editor is large, and loaded once by each browser that opens the page.
    chunkSizeWarningLimit: 5_000,
    rolldownOptions: {
      // Dependencies say "use client", which means nothing here.
      onwarn: (warning, warn) => {
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") warn(warning);
      },
    },
  },
});
