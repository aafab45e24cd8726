/** `latchkey mock`: serves an API's examples on loopback; keys are not checked, nothing is forwarded. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Command } from "commander";
import { type ControlPlaneOptions, clientOf, withControlPlane } from "../control-plane-options.js";
import type { Done } from "../exit-code.js";
import { listenOn } from "../listen.js";
import { port } from "../options.js";
import { printError } from "../output.js";
import { runService } from "../run-service.js";

interface Options extends ControlPlaneOptions {
  readonly port: number;
}

export function addMockVerb(program: Command, done: Done): void {
  withControlPlane(program.command("mock").description("serve an API's examples"))
    .argument("<api>", "the API, by id or title")
    .option("--port <port>", "port on loopback; 0 takes a free one", port, 4010)
    .action(async (api: string, options: Options) => {
      const client = clientOf(options);
      const [{ mockResponse }, { readApiModel }] = await Promise.all([
        import("@latchkey/openapi"),
        import("../api-model.js"),
      ]);
      const model = await readApiModel(client, api);
      done(
        await runService(async () => {
          const server = createServer((req, res) => {
            const [path = "/"] = (req.url ?? "/").split("?");
            req.resume();
            mockResponse(model, { method: req.method ?? "GET", path, headers: req.headers }).then(
              ({ status, headers, body }) => res.writeHead(status, headers).end(body),
              () => res.destroy(),
            );
          });
          await listenOn(server, "mock", { host: "127.0.0.1", port: options.port });
          const mock = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
          printError([`"${model.title}" is mocked at ${mock}; Ctrl-C ends it.`]);
          return {
            urls: { mock },
            close: async () => {
              server.closeAllConnections();
              await new Promise<void>((resolve) => server.close(() => resolve()));
            },
          };
        }),
      );
    });
}
