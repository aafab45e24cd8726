import { once } from "node:events";
import { connect, type ServerHttp2Session } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { guardSessions } from "./goaway-guard.js";
import { http2ServersOf } from "./http2-servers.js";

it("tells everybody who closes a session of its end: from Node.js 24 on the server does so before grpc-js", async () => {
  const grpc = new Server();
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  guardSessions(grpc);
  const [http2] = http2ServersOf(grpc);
  const listener = createServer((socket) => injector.injectConnection(socket)).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const client = connect(`http://127.0.0.1:${(listener.address() as AddressInfo).port}`);
  const [session] = (await once(http2!, "session")) as [ServerHttp2Session];
  const told: string[] = [];
  session.close(() => told.push("one"));
  session.close(() => told.push("other"));
  session.close();
  await once(session, "close");
  expect(told).toEqual(["one", "other"]);
  client.destroy();
  listener.close();
  grpc.forceShutdown();
});
