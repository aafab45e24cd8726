/** Waits for a condition without burning the processor that others need to fulfil it. Tests only. */

const INTERVAL_MS = 10;

/** Resolves when the condition holds. The test's own time-out is the limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
}
