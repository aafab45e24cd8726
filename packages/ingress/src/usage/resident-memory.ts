/** The process's resident memory for reports. Reading it takes a file descriptor: where none is left, the last value. */
let lastBytes = 0;

export function residentMemoryBytes(): number {
  try {
    lastBytes = process.memoryUsage.rss();
  } catch {
    // EMFILE: a report is no reason to end the node.
  }
  return lastBytes;
}
