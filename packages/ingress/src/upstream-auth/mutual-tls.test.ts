import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { CredentialResource, MutualTlsSettings, Resource } from "@latchkey/snapshot";
import { firstTestCertificate, secondTestCertificate, type TestCertificate } from "@latchkey/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const dir = mkdtempSync(join(tmpdir(), "latchkey-mutual-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const first = firstTestCertificate;
const second = secondTestCertificate;

/** Demands a certificate, and tells whose came. `/slow` ends its response by `finish`. */
class Origin {
  readonly server: Server;
  finish = (): void => undefined;
  readonly serverNames: string[] = [];

  private constructor() {
    this.server = createServer(
      { ...first, ca: [first.cert, second.cert], requestCert: true, rejectUnauthorized: true },
      (req, res) => {
        const socket = req.socket as TLSSocket & { readonly servername?: string };
        this.serverNames.push(String(socket.servername));
        res.setHeader("x-client", String(socket.getPeerCertificate().subject.CN));
        if (req.url !== "/slow") res.end("ok");
        else {
          res.write("begun, ");
          this.finish = () => res.end("done");
        }
      },
    );
    this.server.keepAliveTimeout = 60_000;
  }

  static async start(): Promise<Origin> {
    const origin = new Origin();
    origin.server.listen(0, "127.0.0.1");
    await once(origin.server, "listening");
    return origin;
  }

  /** An address: the certificate names it, and there is no SNI. */
  url(path = "/"): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  connections(): Promise<number> {
    return new Promise((resolve) => this.server.getConnections((_error, count) => resolve(count)));
  }
}

function aCertificate(
  id: string,
  file: string,
  settings: Partial<MutualTlsSettings> = {},
): CredentialResource {
  const scheme = {
    kind: "mutual-tls",
    certificate: "",
    ca: first.cert,
    serverName: "",
    ...settings,
  } as const;
  const reference = `file:${join(dir, file)}`;
  return {
    kind: "credential",
    id,
    subscriptionId: "sub_1",
    name: id,
    scheme,
    secret: { kind: "reference", reference },
  };
}

const bundle = ({ cert, key: privateKey }: TestCertificate) => privateKey + cert;

describe.each(engines)("a client certificate over %s", (engine) => {
  let origin: Origin;
  beforeAll(async () => {
    origin = await Origin.start();
    writeFileSync(join(dir, "first"), bundle(first));
    writeFileSync(join(dir, "second"), bundle(second));
    writeFileSync(join(dir, "second-key"), second.key);
  });
  afterAll(() => {
    origin.server.closeAllConnections();
    origin.server.close();
  });

  const uses = (id: string, credentialId: string, path = "/", url = origin.url(path)) =>
    anIntegration(id, url, { credentialIds: [credentialId], method: "AS_RECEIVED" });

  function worldOf(...resources: Resource[]): Promise<World> {
    const integrations = resources.filter(({ kind }) => kind === "integration");
    const routes = integrations.map(({ id }) => aRoute("GET", `/${id}`, id));
    return World.of(() => [...resources, anApi("api_1", routes), key.resource], {
      engine,
      config: { credentials: { filesIn: dir } },
    });
  }

  async function call(world: World, integrationId: string) {
    const response = await fetch(`${world.url}/${integrationId}`, {
      headers: { "connxio-api-key": key.secret },
    });
    return {
      status: response.status,
      client: response.headers.get("x-client"),
      code: response.headers.get("latchkey-error"),
      text: () => response.text(),
    };
  }

  it("is shown to the target, and no connection is shared with another certificate", async () => {
    await using world = await worldOf(
      aCertificate("crd_1", "first"),
      aCertificate("crd_2", "second-key", { certificate: second.cert }),
      uses("one", "crd_1"),
      uses("two", "crd_2"),
    );
    for (let i = 0; i < 3; i++) {
      expect(await call(world, "one")).toMatchObject({ status: 200, client: first.name });
      expect(await call(world, "two")).toMatchObject({ status: 200, client: second.name });
    }
  });

  it("that changed is shown by the next request, and a response on the connection before comes to its end", async () => {
    await using world = await worldOf(aCertificate("crd_1", "first"), uses("one", "crd_1", "/slow"));
    const slow = await call(world, "one");
    expect(slow.client).toBe(first.name);
    const { finish } = origin;
    await world.change([aCertificate("crd_1", "second")]);
    const next = await call(world, "one");
    expect(next.client).toBe(second.name);
    finish();
    expect(await slow.text()).toBe("begun, done");
    origin.finish();
    expect(await next.text()).toBe("begun, done");
    // The connections of the one before drain.
    await until(async () => (await origin.connections()) === 1);
  });

  it("is read again from its file", async () => {
    const path = join(dir, "renewed");
    writeFileSync(path, bundle(first));
    await using world = await worldOf(aCertificate("crd_1", "renewed"), uses("one", "crd_1"));
    expect((await call(world, "one")).client).toBe(first.name);
    writeFileSync(path, bundle(second));
    await until(async () => (await call(world, "one")).client === second.name);
  }, 30_000);

  it("is not used with the key of another, without TLS, or without being there", async () => {
    await using world = await worldOf(
      aCertificate("crd_1", "second-key", { certificate: first.cert }),
      aCertificate("crd_2", "first"),
      aCertificate("crd_3", "absent"),
      uses("wrong", "crd_1"),
      uses("plain", "crd_2", "/", "http://127.0.0.1:9/"),
      uses("absent", "crd_3"),
    );
    for (const id of ["wrong", "plain", "absent"])
      expect(await call(world, id)).toMatchObject({ status: 503, code: "credential.unavailable" });
  });

  it("checks the target by the credential's authorities and server name", async () => {
    await using world = await worldOf(
      aCertificate("crd_1", "first", { serverName: "localhost" }),
      aCertificate("crd_2", "first", { serverName: "other.test" }),
      aCertificate("crd_3", "first", { ca: second.cert }),
      uses("named", "crd_1"),
      uses("misnamed", "crd_2"),
      uses("distrusted", "crd_3"),
    );
    expect(await call(world, "named")).toMatchObject({ status: 200, client: first.name });
    expect(origin.serverNames.at(-1)).toBe("localhost");
    for (const id of ["misnamed", "distrusted"])
      expect(await call(world, id)).toMatchObject({ status: 502, code: "upstream.certificate_refused" });
  });
});
