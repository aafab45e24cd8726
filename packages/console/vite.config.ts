// Builds the console into dist/: static files that the control plane serves at `/`. Inlines nothing, because the
// page runs under a policy without inline scripts and styles.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const controlPlane = process.env.LATCHKEY_CONSOLE_BACKEND ?? "http://127.0.0.1:4000";
const toBackend = ["/graphql", "/session", "/try", "/usage."];

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2022",
    // Of what is bundled; the npm package has it in its list of licenses.
    license: { fileName: ".vite/license.json" },
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: {
    proxy: Object.fromEntries(
      toBackend.map((path) => [path, { target: controlPlane, ws: path === "/graphql" }]),
    ),
  },
});
