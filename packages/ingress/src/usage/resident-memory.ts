/** The process's resident memory for reports. Reading it takes a file descriptor: where none is left, the last value. */
export class ResidentMemory {
  #lastBytes = 0;

  bytes(): number {
    try {
      this.#lastBytes = process.memoryUsage.rss();
    } catch {
      // EMFILE: a report is no reason to end the node.
    }
    return this.#lastBytes;
  }
}
