/** For tests: runs the command in this process, and a control plane that responds as a test says. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { vi } from "vitest";
import { main } from "../main.js";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function latchkey(...args: readonly string[]): Promise<Outcome> {
  const texts = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    }),
  );
  try {
    const code = await main(["node", "latchkey", ...args]);
    return { code, ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Every command with its help, also those that only have commands below them. */
export async function* commandHelps(
  path: readonly string[] = [],
): AsyncGenerator<{ readonly path: readonly string[]; readonly help: string }> {
  const { stdout: help } = await latchkey(...path, "--help");
  yield { path, help };
  const [, commands = ""] = help.split("\nCommands:\n");
  for (const [, name = ""] of (commands.split("\n\n")[0] ?? "").matchAll(/^ {2}([a-z][a-z-]*)/gm))
    if (name !== "help") yield* commandHelps([...path, name]);
}

export interface Request {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
}

export class FakeControlPlane {
  readonly requests: Request[] = [];
  /** Data, or an error's message. */
  respond: (request: Request) => object | string = () => ({});
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((req, res) => {
      let text = "";
      req.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      req.on("end", () => {
        const { query, variables = {} } = JSON.parse(text) as Partial<Request>;
        const request = { query: query ?? "", variables, authorization: req.headers.authorization };
        this.requests.push(request);
        const response = this.respond(request);
        res.end(
          JSON.stringify(
            typeof response === "string" ? { errors: [{ message: response }] } : { data: response },
          ),
        );
      });
    });
  }

  static async start(): Promise<FakeControlPlane> {
    const fake = new FakeControlPlane();
    // A connection that ends of itself could be the one that the next request takes.
    fake.#server.keepAliveTimeout = 0;
    await new Promise<void>((done) => fake.#server.listen(0, "127.0.0.1", done));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/graphql`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}
