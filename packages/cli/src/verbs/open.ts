/** `latchkey open`: the console in a browser. Where there is none, prints the URL. */
import { spawn } from "node:child_process";
import type { Command } from "commander";
import { type ControlPlaneOptions, clientOf, urlOf, withControlPlane } from "../control-plane-options.js";
import { withExamples } from "../examples.js";
import { print } from "../output.js";
import { findId } from "../resources/find.js";

const OPENERS: Readonly<Record<string, readonly string[]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

export function addOpenVerb(program: Command): void {
  withExamples(withControlPlane(program.command("open").description("open the console in a browser")), [
    "latchkey open",
    "latchkey open Orders --print",
  ])
    .argument("[api]", "an API, by id or title")
    .option("--print", "only print the URL")
    .action(async (text: string | undefined, options: ControlPlaneOptions & { readonly print?: boolean }) => {
      const origin = urlOf(options).replace(/\/graphql$/, "/");
      const url =
        text === undefined
          ? origin
          : `${origin}apis/${encodeURIComponent(await findId(clientOf(options), "api", text))}`;
      print(url);
      if (options.print !== true && process.stdout.isTTY === true) start(url);
    });
}

/** A browser that cannot be started is no failure: the URL is printed. */
function start(url: string): void {
  const [command = "xdg-open", ...args] = OPENERS[process.platform] ?? ["xdg-open"];
  const child = spawn(command, [...args, url], { stdio: "ignore", detached: true });
  child.on("error", () => undefined);
  child.unref();
}
