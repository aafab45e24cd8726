/** Chromium of this machine, headless; the one without windows first, which takes a quarter less CPU time. The tests' set-up installs it; where there is none, tests say so and are left out. */
import { type Browser, chromium } from "playwright-core";
import { programPath } from "../../../scripts/lib/machine.mjs";

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

/** The library's 30 s are too short beside two busy processes. */
const LAUNCH_MS_MAX = 240_000;

export const chromiumPath = programPath("chromium-headless-shell");

if (chromiumPath === null)
  console.warn(
    "No Chromium on this machine: the browser tests are left out. Install Debian's package `chromium-headless-shell`.",
  );

export async function launchChromium(): Promise<Browser> {
  if (chromiumPath === null) throw new Error("there is no Chromium");
  return await chromium.launch({ executablePath: chromiumPath, args: flags, timeout: LAUNCH_MS_MAX });
}
