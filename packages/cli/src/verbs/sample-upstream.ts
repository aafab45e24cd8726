/** `latchkey sample-upstream`: an upstream that responds with what it received. */
import type { Command } from "commander";
import type { Done } from "../exit-code.js";
import { port } from "../options.js";
import { runService } from "../run-service.js";
import { startSampleUpstream } from "../sample-upstream.js";

export function addSampleUpstreamVerb(program: Command, done: Done): void {
  program
    .command("sample-upstream")
    .description("run an upstream that responds with what it received, as JSON")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <port>", "port; 0 takes a free one", port, 0)
    .action(async (options: { host: string; port: number }) => {
      done(await runService(() => startSampleUpstream(options)));
    });
}
