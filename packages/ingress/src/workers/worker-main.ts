/** The process of a worker. No logic. */
import "@latchkey/observe/prepare-process";

await import("./worker.js"); // loaded behind it
