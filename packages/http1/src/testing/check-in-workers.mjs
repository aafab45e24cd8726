// Runs the capability check in eight workers of a cluster at once, and prints as JSON what each finds missing. The check is the
// built one: argument 1 is its module.
import cluster from "node:cluster";

const WORKERS = 8;

if (cluster.isPrimary) {
  const found = [];
  const ready = [];
  for (let i = 0; i < WORKERS; i++) {
    const worker = cluster.fork();
    worker.on("message", (message) => {
      if (message === "ready") {
        ready.push(worker);
        if (ready.length === WORKERS) for (const one of ready) one.send("check");
        return;
      }
      found.push(message);
      if (found.length < WORKERS) return;
      process.stdout.write(JSON.stringify(found));
      process.exit();
    });
  }
} else {
  const { checkInternals } = await import(process.argv[2]);
  process.once("message", async () => process.send(await checkInternals()));
  process.send("ready");
}
