/** `latchkey dev`: everything on loopback with one command; seeds the first start, prints what to paste. */
import { type Command, Option } from "commander";
import type { DevOptions } from "../dev/run-dev.js";
import type { Done } from "../exit-code.js";
import { port } from "../options.js";

export function addDevVerb(program: Command, done: Done): void {
  program
    .command("dev")
    .description("run control plane, one ingress node and a sample upstream on loopback")
    .option("--graphql-port <port>", "port of GraphQL and the console; 0 takes a free one", port, 4000)
    .option("--grpc-port <port>", "port of the snapshot stream; 0 takes a free one", port, 4001)
    .option("--ingress-port <port>", "port for clients; 0 takes a free one", port, 8080)
    .option("--admin-port <port>", "port of the ingress' health and metrics; 0 takes a free one", port, 0)
    .option("--data-dir <folder>", "where everything is kept", "./data")
    .addOption(
      new Option("--http-engine <engine>", "HTTP front of the ingress; uws has no WebSockets")
        .choices(["strict", "uws"])
        .default("strict"),
    )
    .option("--json", "print one line of JSON when all is ready", false)
    .action(async (options: DevOptions) => {
      const { runDev } = await import("../dev/run-dev.js");
      done(await runDev(options));
    });
}
