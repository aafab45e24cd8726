import { generateKeyPairSync } from "node:crypto";
import {
  type CredentialResource,
  decryptKeyGrant,
  newGrantKeyPair,
  SecretCipher,
  secretOwner,
} from "@latchkey/snapshot";
import { firstTestCertificate, secondTestCertificate } from "@latchkey/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fixture, type Json } from "../../testing/fixture.js";

const SECRET = "s3cret-of-the-upstream";
const ANOTHER = "an0ther-secret";

describe("credentials", () => {
  let fixture: Fixture;
  let subscriptionId: string;

  beforeEach(async () => {
    fixture = await Fixture.start();
    subscriptionId = await fixture.subscription();
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  const selection =
    "credential { id version name kind secretReference secretSetAt integrationCount header { name } oauth { tokenUrl clientAuthentication scope } }";

  function create(more: Record<string, unknown> = {}): Promise<Json> {
    return fixture.mutate(
      "createCredential",
      { subscriptionId, name: "Orders", header: { name: "X-Api-Key" }, secret: { value: SECRET }, ...more },
      selection,
    );
  }

  const errorsOf = async (more: Record<string, unknown>) =>
    ((await create(more)).userErrors as { code: string; field: string[] }[]).map(
      ({ code, field }) => `${field.join(".")} ${code}`,
    );

  /** As nodes get them. */
  async function sent(): Promise<CredentialResource[]> {
    const { records } = await fixture.db.transaction().execute(async (trx) => {
      const rows = await trx.selectFrom("credential").select("id").execute();
      return fixture.services.source.load(
        rows.map(({ id }) => ({ kind: "credential", id })),
        trx,
      );
    });
    const { decodeResource } = await import("@latchkey/snapshot");
    return (await records()).map((record) => {
      const decoded = decodeResource(record);
      if (!decoded.ok) throw new Error(decoded.error.reason);
      return decoded.value as CredentialResource;
    });
  }

  /** What a node with the grant reads. */
  async function readBy(
    pair: Awaited<ReturnType<typeof newGrantKeyPair>>,
    resource: CredentialResource,
  ): Promise<string> {
    const granted = await fixture.services.dataKeys.grantTo(pair.publicKey);
    if (granted === null || resource.secret.kind !== "encrypted") throw new Error("nothing to read");
    const cipher = new SecretCipher([...(await decryptKeyGrant(granted.grant, pair))]);
    return cipher.decrypt(Buffer.from(resource.secret.ciphertext), secretOwner(resource.id));
  }

  it("reach nodes encrypted, and only who holds the granted key reads them", async () => {
    const { credential, revision } = await create();
    expect(credential).toMatchObject({
      version: 1,
      kind: "HEADER",
      secretReference: null,
      integrationCount: 0,
    });
    expect(revision.number).toBeGreaterThan(0);
    const [resource] = await sent();
    expect(resource?.scheme).toEqual({ kind: "header", name: "X-Api-Key" });
    expect(await readBy(await newGrantKeyPair(), resource as CredentialResource)).toBe(SECRET);
  });

  it("keep secrets out of the database, the audit log and the log", async () => {
    const { credential } = await create();
    await fixture.mutate(
      "updateCredential",
      { id: credential.id, secret: { value: ANOTHER } },
      "credential { id }",
    );
    const rows = await Promise.all(
      (["credential", "audit_log", "data_key", "idempotency", "change_log"] as const).map((table) =>
        fixture.db.selectFrom(table).selectAll().execute(),
      ),
    );
    const text = rows.flat().map((row) =>
      Object.values(row)
        .map((value) => (Buffer.isBuffer(value) ? value.toString("latin1") : String(value)))
        .join("\n"),
    );
    for (const secret of [SECRET, ANOTHER]) {
      expect(text.join("\n")).not.toContain(secret);
      expect(fixture.logLines.join("\n")).not.toContain(secret);
    }
    const entries = await fixture.db.selectFrom("audit_log").select(["action", "after"]).execute();
    expect(entries.map(({ action }) => action)).toContain("credential.update");
  });

  it("are quoted in no error about what was sent, and in no log of it", async () => {
    const credentialOf = (secret: unknown) => ({
      subscriptionId,
      name: "x",
      header: { name: "X-Key" },
      secret,
    });
    for (const secret of [
      { valeu: SECRET },
      { value: { text: SECRET } },
      { value: SECRET, x: 1 },
      SECRET,
      [SECRET],
    ]) {
      const { errors } = await fixture.raw(
        "mutation($input: CreateCredentialInput!) { createCredential(input: $input) { credential { id } } }",
        { input: credentialOf(secret) },
      );
      expect(errors).toHaveLength(1);
      expect(errors?.[0]?.extensions?.code).toBe("BAD_USER_INPUT");
      expect(errors?.[0]?.message).toContain("input.secret");
      expect(JSON.stringify(errors)).not.toContain(SECRET);
    }
    const inline = await fixture.raw(
      `mutation { createCredential(input: { subscriptionId: "${subscriptionId}", name: "x", header: { name: "X" }, secret: { value: 1234567 } }) { credential { id } } }`,
    );
    expect(inline.errors?.[0]?.message).toContain("String cannot represent");
    expect(JSON.stringify(inline.errors)).not.toContain("1234567");
    expect(fixture.logLines.join("\n")).not.toContain(SECRET);
  });

  it("change with a revision only where nodes must know", async () => {
    const { credential, revision } = await create({ secret: { reference: "env:ORDERS_KEY" } });
    const same = await fixture.mutate(
      "updateCredential",
      { id: credential.id, secret: { reference: "env:ORDERS_KEY" } },
      "credential { version }",
    );
    expect(same.credential.version).toBe(1);
    expect(same.revision).toEqual(revision);
    const moved = await fixture.mutate(
      "updateCredential",
      { id: credential.id, expectedVersion: 1, secret: { reference: "file:/run/secrets/orders" } },
      selection,
    );
    expect(moved.credential).toMatchObject({ version: 2, secretReference: "file:/run/secrets/orders" });
    expect(moved.revision.number).toBe(revision.number + 1);
    const stale = await fixture.mutate(
      "updateCredential",
      { id: credential.id, expectedVersion: 1, name: "x" },
      "credential { id }",
    );
    expect(stale.userErrors[0].code).toBe("CONFLICT");
  });

  it("are used by integrations of their subscription, and are not deleted while they are", async () => {
    const { credential } = await create();
    const other = await fixture.subscription("Other");
    const foreign = await fixture.mutate(
      "createIntegration",
      {
        subscriptionId: other,
        name: "x",
        urls: ["https://orders.example/in"],
        credentialIds: [credential.id],
      },
      "integration { id }",
    );
    expect(foreign.userErrors).toMatchObject([{ code: "NOT_FOUND", field: ["input", "credentialIds"] }]);
    const integrationId = await fixture.integration(subscriptionId, { credentialIds: [credential.id] });
    const { integration } = await fixture.run(
      "query($id: ID!) { integration(id: $id) { credentials { id integrations { nodes { id } totalCount } } } }",
      { id: integrationId },
    );
    expect(integration.credentials[0]).toEqual({
      id: credential.id,
      integrations: { nodes: [{ id: integrationId }], totalCount: 1 },
    });
    const refused = await fixture.mutate("deleteCredential", { id: credential.id }, "deletedCredentialId");
    expect(refused.userErrors).toMatchObject([{ code: "IN_USE" }]);
    expect(refused.userErrors[0].message).toContain('"Orders"');
    await fixture.mutate("updateIntegration", { id: integrationId, credentialIds: [] }, "integration { id }");
    const gone = await fixture.mutate("deleteCredential", { id: credential.id }, "deletedCredentialId");
    expect(gone.deletedCredentialId).toBe(credential.id);
    await create();
    const subscription = await fixture.mutate(
      "deleteSubscription",
      { id: subscriptionId },
      "deletedSubscriptionId",
    );
    expect(subscription.userErrors[0].message).toContain("1 credential");
  });

  it("cannot be changed to set what another credential of an integration sets", async () => {
    const of = async (name: string, scheme: object): Promise<string> => {
      const input = { subscriptionId, name, secret: { reference: "env:LATCHKEY_SECRET_A" }, ...scheme };
      return (await fixture.mutate("createCredential", input, "credential { id }")).credential.id;
    };
    const first = await of("Tenant", { header: { name: "X-Tenant" } });
    const second = await of("Login", { basic: { userName: "gateway" } });
    const changed = await of("Key", { header: { name: "X-Key" } });
    const alone = await of("Elsewhere", { header: { name: "X-Elsewhere" } });
    await fixture.integration(subscriptionId, { name: "Uses all", credentialIds: [first, second, changed] });
    const renamed = async (id: string, name: string) =>
      (await fixture.mutate("updateCredential", { id, header: { name } }, "credential { id }")).userErrors;
    for (const [name, other] of [
      ["x-tenant", "Tenant"],
      ["Authorization", "Login"],
    ] as const) {
      const [error, ...more] = await renamed(changed, name);
      expect(more).toEqual([]);
      expect(error).toMatchObject({ code: "IN_USE", field: ["input", "header", "name"] });
      expect(error.message).toBe(
        `The integration "Uses all" has another credential, "${other}", that sets the header ${name.toLowerCase()}.`,
      );
    }
    expect(await renamed(changed, "X-Other")).toEqual([]);
    expect(await renamed(alone, "X-Tenant")).toEqual([]);
    const parameter = await of("Parameter", { query: { name: "key" } });
    const another = await of("Another parameter", { query: { name: "other" } });
    await fixture.integration(subscriptionId, { name: "Uses two", credentialIds: [parameter, another] });
    const input = { id: another, query: { name: "KEY" } };
    const { userErrors } = await fixture.mutate("updateCredential", input, "credential { id }");
    expect(userErrors).toMatchObject([
      { code: "IN_USE", message: expect.stringContaining('"Parameter", that sets the query parameter key.') },
    ]);
  });

  it("are encrypted with a new key when a node is removed, and older grants read nothing that is entered later", async () => {
    const { credential } = await create();
    await create({ name: "By reference", secret: { reference: "env:X" } });
    await sent();
    const removedNode = await newGrantKeyPair();
    const oldGrant = await fixture.services.dataKeys.grantTo(removedNode.publicKey);
    const node = await fixture.mutate("createNode", { name: "node-1" }, "node { id }");
    const { revision } = await fixture.mutate("deleteNode", { id: node.node.id }, "deletedNodeId");
    const changes = await fixture.db
      .selectFrom("change_log")
      .select("resource_id")
      .where("number", "=", revision.number)
      .execute();
    expect(changes.map(({ resource_id: id }) => id)).toEqual([credential.id]);
    const [resource] = (await sent()).filter(({ id }) => id === credential.id);
    expect(await readBy(await newGrantKeyPair(), resource as CredentialResource)).toBe(SECRET);
    const oldKeys = await decryptKeyGrant((oldGrant as NonNullable<typeof oldGrant>).grant, removedNode);
    const { secret } = resource as CredentialResource;
    if (secret.kind !== "encrypted") throw new Error("a reference");
    expect(() =>
      new SecretCipher([...oldKeys]).decrypt(Buffer.from(secret.ciphertext), secretOwner(credential.id)),
    ).toThrow();
  });

  it("refuse what no node could use", async () => {
    expect(await errorsOf({ header: { name: "Content-Length" } })).toEqual(["input.header.name INVALID"]);
    for (const name of ["content_type", "X_Forwarded-For", "X-Real-IP", "Host"])
      expect(await errorsOf({ header: { name } }), name).toEqual(["input.header.name INVALID"]);
    expect(await errorsOf({ header: { name: "X Key" } })).toEqual(["input.header.name INVALID"]);
    expect(await errorsOf({ basic: { userName: "x" } })).toEqual(["input.basic INVALID"]);
    expect(await errorsOf({ header: null })).toEqual(["input REQUIRED"]);
    expect(await errorsOf({ secret: { value: "line\nbreak" } })).toEqual(["input.secret.value INVALID"]);
    expect(await errorsOf({ secret: { value: "größer" } })).toEqual(["input.secret.value INVALID"]);
    const basic = { header: null, basic: { userName: "Jürgen" } };
    for (const value of ["größer", "a b", "密码", "🔑"])
      expect(await errorsOf({ ...basic, secret: { value } }), value).toEqual([]);
    for (const value of ["größer\n", " a", "a\u00a0", "a\u0085b", "\ud800"])
      expect(await errorsOf({ ...basic, secret: { value } }), value).toEqual(["input.secret.value INVALID"]);
    expect(await errorsOf({ secret: { value: "" } })).toEqual(["input.secret.value REQUIRED"]);
    expect(await errorsOf({ secret: {} })).toEqual(["input.secret REQUIRED"]);
    expect(await errorsOf({ secret: { value: "a", reference: "env:A" } })).toEqual([
      "input.secret.reference INVALID",
    ]);
    for (const reference of ["env:", "env:A B", "file:relative", "file:/a/../b", "vault:x", "file:/a b"])
      expect(await errorsOf({ secret: { reference } }), reference).toEqual([
        "input.secret.reference INVALID",
      ]);
    const oauth = {
      tokenUrl: "https://login.example/token",
      clientId: "c",
      clientAuthentication: "PRIVATE_KEY_JWT",
    };
    expect(await errorsOf({ header: null, oauth })).toEqual(["input.secret.value INVALID"]);
    expect(await errorsOf({ header: null, oauth: { ...oauth, tokenUrl: "http://127.0.0.1/t" } })).toContain(
      "input.oauth.tokenUrl URL_ADDRESS_REFUSED",
    );
    expect(
      await errorsOf({ header: null, oauth: { ...oauth, tokenUrl: "http://login.example/t" } }),
    ).toContain("input.oauth.tokenUrl URL_INVALID");
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = privateKey.export({ format: "pem", type: "pkcs8" });
    expect(await errorsOf({ header: null, oauth, secret: { value: pem } })).toEqual([]);
    const { credential } = await create();
    const changed = await fixture.mutate(
      "updateCredential",
      { id: credential.id, query: { name: "x" } },
      "credential { id }",
    );
    expect(changed.userErrors[0].message).toContain("kind of a credential cannot change");
  });

  it("of mutual TLS take a certificate, and a key that belongs to it", async () => {
    const { cert, key } = firstTestCertificate;
    const mutualTls = (settings: object, secret: object) =>
      errorsOf({ header: null, mutualTls: settings, secret });
    const refused = ["input.mutualTls.certificate INVALID"];
    expect(await mutualTls({ certificate: cert }, { value: key })).toEqual([]);
    expect(await mutualTls({}, { value: `${cert}${key}` })).toEqual([]);
    expect(await mutualTls({}, { value: `${key}${cert}${secondTestCertificate.cert}` })).toEqual([]);
    expect(await mutualTls({}, { reference: "file:/run/secrets/orders.pem" })).toEqual([]);
    expect(await mutualTls({ certificate: cert }, { value: secondTestCertificate.key })).toEqual(refused);
    expect(await mutualTls({}, { value: `${secondTestCertificate.cert}${key}` })).toEqual(refused);
    expect(await mutualTls({ certificate: key }, { value: key })).toEqual(refused);
    expect(await mutualTls({ certificate: cert.slice(0, 100) }, { value: key })).toEqual(refused);
    expect(await mutualTls({}, { value: key })).toEqual(["input.mutualTls.certificate REQUIRED"]);
    expect(await mutualTls({ certificate: cert }, { value: "text" })).toEqual(["input.secret.value INVALID"]);
    expect(await mutualTls({ certificate: cert, ca: "x" }, { value: key })).toEqual([
      "input.mutualTls.ca INVALID",
    ]);
    for (const serverName of ["https://x", "-a.example", "a..b"])
      expect(await mutualTls({ certificate: cert, serverName }, { value: key }), serverName).toEqual([
        "input.mutualTls.serverName INVALID",
      ]);

    const { credential } = await create({
      header: null,
      mutualTls: { certificate: cert },
      secret: { value: key },
    });
    expect(credential.kind).toBe("MUTUAL_TLS");
    const update = (more: object) =>
      fixture.mutate("updateCredential", { id: credential.id, ...more }, "credential { mutualTls { ca } }");
    // The key that is kept is the one of the certificate before.
    const other = await update({ mutualTls: { certificate: secondTestCertificate.cert } });
    expect(other.userErrors).toMatchObject([
      { code: "INVALID", field: ["input", "mutualTls", "certificate"] },
    ]);
    expect((await update({ mutualTls: { certificate: cert, ca: cert } })).credential.mutualTls.ca).toBe(cert);

    const integration = (url: string) =>
      fixture.mutate(
        "createIntegration",
        { subscriptionId, name: "x", urls: [url], credentialIds: [credential.id] },
        "integration { id }",
      );
    const plain = await integration("http://orders.example/in");
    expect(plain.userErrors[0].message).toContain("A client certificate needs https");
    const made = await integration("https://orders.example/in");
    const moved = await fixture.mutate(
      "updateIntegration",
      { id: made.integration.id, urls: ["http://orders.example/in"] },
      "integration { id }",
    );
    expect(moved.userErrors[0].message).toContain("A client certificate needs https");
  });

  it("of AWS take names that fit into a signature", async () => {
    const aws = { region: "eu-north-1", service: "execute-api", accessKeyId: "AKIDEXAMPLE" };
    expect(await errorsOf({ header: null, aws })).toEqual([]);
    expect(await errorsOf({ header: null, aws: { ...aws, region: "eu/north" } })).toEqual([
      "input.aws.region INVALID",
    ]);
    expect(await errorsOf({ header: null, aws: { ...aws, service: " " } })).toEqual([
      "input.aws.service REQUIRED",
    ]);
  });

  it("take references only where no encryption key is configured", async () => {
    await using bare = await Fixture.start({ withoutEncryptionKey: true });
    const owner = await bare.subscription();
    const input = { subscriptionId: owner, name: "Orders", header: { name: "X-Api-Key" } };
    const refused = await bare.mutate(
      "createCredential",
      { ...input, secret: { value: SECRET } },
      "credential { id }",
    );
    expect(refused.userErrors[0].message).toContain("encryptionKey");
    const made = await bare.mutate(
      "createCredential",
      { ...input, secret: { reference: "env:A" } },
      "credential { id }",
    );
    expect(made.userErrors).toEqual([]);
  });
});
