/** Chromium of this machine, headless; the one without windows first, which takes a quarter less CPU time. The tests' set-up installs it; where there is none, tests say so and are left out. */
import { spawnSync } from "node:child_process";
import { type Browser, chromium } from "playwright-core";

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function find(): string | null {
  for (const name of ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]) {
    const { status, stdout } = spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" });
    if (status === 0) return stdout.trim();
  }
  return null;
}

export const chromiumPath = find();

if (chromiumPath === null)
  console.warn(
    "No Chromium on this machine: the browser tests are left out. Install Debian's package `chromium-headless-shell`.",
  );

export async function launchChromium(): Promise<Browser> {
  if (chromiumPath === null) throw new Error("there is no Chromium");
  return await chromium.launch({ executablePath: chromiumPath, args: flags });
}
