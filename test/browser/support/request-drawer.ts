/** The drawer of one request of the message trail. */
import type { Locator, Page } from "playwright-core";
import type { ConsolePage } from "./console-page.js";
import { poll } from "./suite.js";

export const requestDrawer = (page: Page): Locator =>
  page.getByRole("dialog", { name: "Request", exact: true });

/** Opens a request by its interchange id, again until its node has reported it. */
export async function openRequest(window: ConsolePage, interchangeId: string): Promise<void> {
  const drawer = requestDrawer(window.page);
  await poll(async () => {
    await window.go(`/requests?message=${interchangeId}`);
    await drawer
      .getByText(/is kept|Timeline/)
      .first()
      .waitFor();
    return await drawer.getByRole("region", { name: "Timeline" }).isVisible();
  }).toBe(true);
}
