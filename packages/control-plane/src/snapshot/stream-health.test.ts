/** `grpc.health.v1` and server reflection as clients of gRPC use them, over real connections. */
import { once } from "node:events";
import { connect as connectHttp2, constants, type Settings } from "node:http2";
import { createRequire } from "node:module";
import { join } from "node:path";
import {
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { protoPath } from "grpc-health-check";
import { sql } from "kysely";
import { afterEach, describe, expect, test } from "vitest";
import { StreamHarness } from "../testing/stream-harness.js";
import { STREAM_SERVICE } from "./stream-health.js";

const reflectionPath = join(
  createRequire(import.meta.url).resolve("@grpc/reflection"),
  "../../proto/grpc/reflection/v1/reflection.proto",
);
const options = { enums: String, longs: String };

interface Said {
  readonly status: string;
}
interface HealthClient extends Client {
  check(request: { service: string }, done: (error: ServiceError | null, said?: Said) => void): void;
  watch(request: { service: string }): ClientReadableStream<Said>;
}
interface Reflected {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
}
interface ReflectionClient extends Client {
  serverReflectionInfo(): ClientDuplexStream<object, Reflected>;
}

const harnesses: StreamHarness[] = [];
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const harness of harnesses.splice(0)) await harness[Symbol.asyncDispose]();
});

async function start(server: Parameters<typeof StreamHarness.start>[0] = {}): Promise<StreamHarness> {
  const harness = await StreamHarness.start(server);
  harnesses.push(harness);
  return harness;
}

function connect<C extends Client>(harness: StreamHarness, file: string, service: string): C {
  const found = service
    .split(".")
    .reduce<unknown>(
      (at, name) => (at as Record<string, unknown>)[name],
      loadPackageDefinition(loadSync(file, options)),
    );
  const Constructor = found as new (...args: unknown[]) => C;
  // A connection of its own for each client.
  const client = new Constructor(harness.address, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_retries": 0,
  });
  clients.push(client);
  return client;
}
const health = (harness: StreamHarness) => connect<HealthClient>(harness, protoPath, "grpc.health.v1.Health");

const check = (client: HealthClient, service: string) =>
  new Promise<string>((resolve) => {
    client.check({ service }, (error, said) => resolve(said?.status ?? String(status[error?.code ?? 2])));
  });

/** The statuses of one Watch call as they come, and how it ends. */
class Watched {
  readonly statuses: string[] = [];
  readonly ended: Promise<unknown>;
  #wake = () => {};

  constructor(client: HealthClient, service: string) {
    const call = client.watch({ service });
    call.on("data", (said) => {
      this.statuses.push(said.status);
      this.#wake();
    });
    this.ended = new Promise((resolve) => {
      call.once("error", resolve);
      call.once("end", resolve);
    });
  }

  async until(...statuses: readonly string[]): Promise<void> {
    while (this.statuses.length < statuses.length)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    expect(this.statuses).toEqual(statuses);
  }
}

describe("grpc.health.v1", () => {
  test("needs no token, knows the server and the stream, and no other service", async () => {
    const client = health(await start());
    const said = await Promise.all(["", STREAM_SERVICE, "other"].map((service) => check(client, service)));
    expect(said).toEqual(["SERVING", "SERVING", "NOT_FOUND"]);
    expect(STREAM_SERVICE).toBe("latchkey.snapshot.v1.SnapshotService");
  });

  test("does not serve while the database cannot be read, and serves again afterwards", async () => {
    const harness = await start({ server: { timings: { pollIntervalMs: 50 } } });
    const watched = new Watched(health(harness), STREAM_SERVICE);
    await watched.until("SERVING");
    await sql`alter table revision rename to revision_gone`.execute(harness.db);
    await watched.until("SERVING", "NOT_SERVING");
    await sql`alter table revision_gone rename to revision`.execute(harness.db);
    await watched.until("SERVING", "NOT_SERVING", "SERVING");
  });

  test("does not serve once the server stops, which no watching client holds up", async () => {
    const harness = await start();
    const watched = new Watched(health(harness), "");
    await watched.until("SERVING");
    await harness.server.close(3_600_000);
    await watched.ended;
    expect(watched.statuses).toEqual(["SERVING", "NOT_SERVING"]);
  });

  test("takes no more than some kilobytes in a call, however large its message says to be", async () => {
    const harness = await start();
    const session = connectHttp2(`http://${harness.address}`);
    await once(session, "connect");
    const settings = (await once(session, "remoteSettings")) as readonly Settings[];
    expect(settings[0]?.maxConcurrentStreams).toBeLessThanOrEqual(16);
    // A message of 1,000,000 bytes begins, and does not end.
    const begun = Buffer.alloc(64 * 1024);
    begun.writeUInt32BE(1_000_000, 1);
    for (const path of ["/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"]) {
      const call = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc" });
      const broken = once(call, "error");
      call.write(begun);
      await broken;
      expect(call.rstCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
    session.destroy();
    expect(await check(health(harness), "")).toBe("SERVING");
  });

  test("counts among the connections that no node uses", async () => {
    const harness = await start({ server: { idleLimits: { perAddressMax: 2 } } });
    const watches: Watched[] = [];
    for (const client of [health(harness), health(harness), health(harness)]) {
      const watched = new Watched(client, "");
      watches.push(watched);
      await watched.until("SERVING");
    }
    expect(await watches[0]?.ended).toMatchObject({ code: status.UNAVAILABLE });
    const node = await harness.join();
    expect(node.revision).not.toBeNull();
    expect(await check(health(harness), "")).toBe("SERVING");
  });
});

describe("server reflection", () => {
  const ask = async (harness: StreamHarness, request: object): Promise<Reflected | ServiceError> => {
    const client = connect<ReflectionClient>(harness, reflectionPath, "grpc.reflection.v1.ServerReflection");
    const call = client.serverReflectionInfo();
    const response = Promise.race([once(call, "data"), once(call, "error")]);
    // An end that comes as an error is what was waited for.
    call.on("error", () => {});
    call.write(request);
    return response.then(
      ([said]) => said as Reflected,
      (error: ServiceError) => error,
    );
  };

  test("tells services and files where it is on", async () => {
    const harness = await start({ server: { reflection: true } });
    const listed = (await ask(harness, { listServices: "" })) as Reflected;
    expect(listed.listServicesResponse?.service.map(({ name }) => name)).toEqual(
      expect.arrayContaining([STREAM_SERVICE, "grpc.health.v1.Health"]),
    );
    const file = (await ask(harness, { fileContainingSymbol: STREAM_SERVICE })) as Reflected;
    const text = Buffer.concat(file.fileDescriptorResponse?.fileDescriptorProto.slice() ?? []).toString(
      "latin1",
    );
    for (const name of ["Subscribe", "SnapshotEnd", "UsageBatch", "server_time_ms"])
      expect(text).toContain(name);
  });

  test("is not there unless it is asked for", async () => {
    const harness = await start();
    expect(await ask(harness, { listServices: "" })).toMatchObject({ code: status.UNIMPLEMENTED });
  });
});
