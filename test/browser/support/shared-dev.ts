/**
 * One `latchkey dev` and one Chromium for all files of a worker whose tests make what they change: starting both and signing in
 * takes longer than most tests. Files that count things, stop processes or change what is there start their own.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { launchChromium } from "./chromium.js";
import { Dev } from "./dev.js";
import { sharedFolder } from "./shared-folder.js";

export interface Started {
  readonly dev: Dev;
  readonly browser: Browser;
}

let started: Promise<Started> | undefined;

export async function sharedStart(): Promise<Started> {
  started ??= start();
  return await started;
}

async function start(): Promise<Started> {
  const place = join(sharedFolder(), String(process.pid));
  const [dev, browser] = await Promise.all([Dev.start(place), launchChromium()]);
  // Chromium ends with this worker; the set-up of the run ends the other one.
  writeFileSync(`${place}.pid`, String(dev.pid));
  return { dev, browser };
}
