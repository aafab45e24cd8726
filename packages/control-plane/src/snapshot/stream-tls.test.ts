/** The stream over TLS: only for those who show what is asked, and with another certificate without a restart. */
import { credentials } from "@grpc/grpc-js";
import { hasOpenssl, TestAuthority } from "@latchkey/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { StreamHarness } from "../testing/stream-harness.js";

const isPossible = hasOpenssl();
if (!isPossible) console.warn("stream-tls.test.ts is skipped: there is no openssl to make certificates with");

const harnesses: StreamHarness[] = [];
const authorities: TestAuthority[] = [];

function authority(name: string): TestAuthority {
  const made = new TestAuthority(name);
  authorities.push(made);
  return made;
}

async function start(options: Parameters<typeof StreamHarness.start>[0]): Promise<StreamHarness> {
  const harness = await StreamHarness.start(options);
  harnesses.push(harness);
  return harness;
}

afterEach(async () => {
  for (const harness of harnesses.splice(0)) await harness[Symbol.asyncDispose]();
  for (const made of authorities.splice(0)) made[Symbol.dispose]();
});

// Certificates are made by a process each, which takes its time on a busy machine.
describe.skipIf(!isPossible)("the stream over TLS", { timeout: 90_000 }, () => {
  test("serves nodes that trust its authority, and takes another certificate while it runs", async () => {
    const old = authority("old");
    const next = authority("next");
    const harness = await start({ server: { tls: { ...old.issue("server"), clientCa: null } } });
    const trusting = (made: TestAuthority) => credentials.createSsl(made.certificate);
    const first = await harness.join({ credentials: trusting(old) });
    harness.server.setTls({ ...next.issue("server"), clientCa: null });
    const second = await harness.join({ credentials: trusting(next) });
    const suspicious = harness.connect(await harness.register(), { credentials: trusting(old) });
    await suspicious.untilEnd();
    expect(suspicious.revision).toBeNull();
    // Connections that are there go on.
    const { number } = await harness.change({ id: "a", body: "1" });
    await Promise.all([first.untilRevision(number), second.untilRevision(number)]);
  });

  test("asks for a certificate of the configured authority, and refuses nodes without one or with another's", async () => {
    const ours = authority("ours");
    const theirs = authority("theirs");
    const harness = await start({ server: { tls: { ...ours.issue("server"), clientCa: ours.certificate } } });
    const showing = (made: TestAuthority) => {
      const { cert, key } = made.issue("node");
      return credentials.createSsl(ours.certificate, key, cert);
    };
    const welcome = await harness.join({ credentials: showing(ours) });
    expect(welcome.revision).not.toBeNull();
    const bare = harness.connect(await harness.register(), {
      credentials: credentials.createSsl(ours.certificate),
    });
    await bare.untilEnd();
    const stranger = harness.connect(await harness.register(), { credentials: showing(theirs) });
    await stranger.untilEnd();
    expect([bare.revision, stranger.revision]).toEqual([null, null]);
    expect(harness.server.streamCount).toBe(1);
  });
});
