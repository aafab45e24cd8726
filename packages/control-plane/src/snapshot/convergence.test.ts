/** Whatever happens to changes, connections, nodes and the server: a node only ever holds what was published, and ends with the newest. */
import type { SimulatedNode } from "@latchkey/testkit";
import { TcpRelay } from "@latchkey/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { StreamHarness, type TestNode } from "../testing/stream-harness.js";

type Action =
  | {
      readonly kind: "change";
      readonly name: number;
      readonly body: number | null;
      readonly revokes: boolean;
    }
  | { readonly kind: "cut" }
  | { readonly kind: "leave"; readonly node: number }
  | { readonly kind: "come"; readonly node: number }
  | { readonly kind: "corrupt"; readonly node: number; readonly name: number }
  | { readonly kind: "pause" | "resume"; readonly node: number }
  | { readonly kind: "catchUp"; readonly node: number }
  | { readonly kind: "restart" };

const NODES = 3;
const NAMES = 12;

const name = fc.nat(NAMES - 1);
const node = fc.nat(NODES - 1);
const change = fc.record({
  kind: fc.constant("change" as const),
  name,
  body: fc.option(fc.nat(1_000), { freq: 4 }),
  revokes: fc.boolean(),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: change },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("leave" as const), node }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("come" as const), node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pause" as const), node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("resume" as const), node }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("catchUp" as const), node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("corrupt" as const), node, name }) },
  { weight: 1, arbitrary: fc.constant({ kind: "cut" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" } as const) },
);

/** One run: the server behind a relay, and nodes that remember what they applied. */
class World implements AsyncDisposable {
  readonly #nodes: SimulatedNode[] = [];
  readonly #published = new Set<string>();
  readonly #problems: string[] = [];
  #stopFollowing = (): void => {};

  static async create(): Promise<World> {
    const harness = await StreamHarness.start({ server: { timings: { publishIntervalMs: 5 } } });
    const relay = await TcpRelay.start(() => ({ host: "127.0.0.1", port: harness.server.port }));
    const world = new World(harness, relay);
    world.#follow();
    for (let i = 0; i < NODES; i++) world.#add(await harness.register());
    return world;
  }

  private constructor(
    private readonly harness: StreamHarness,
    private readonly relay: TcpRelay,
  ) {}

  async perform(step: Action): Promise<void> {
    const { harness, relay } = this;
    switch (step.kind) {
      case "change":
        await harness.change({
          id: `r${step.name}`,
          body: step.body === null ? null : String(step.body),
          revocation: step.revokes,
        });
        break;
      case "cut":
        relay.cut();
        break;
      case "leave":
        this.#nodes[step.node]?.disconnect();
        break;
      case "come":
        this.#come(step.node);
        break;
      case "pause":
        this.#nodes[step.node]?.pause();
        break;
      case "resume":
        this.#nodes[step.node]?.resume();
        break;
      case "corrupt":
        this.#nodes[step.node]?.corrupt(`api/r${step.name}`);
        break;
      case "catchUp": {
        const subject = this.#nodes[step.node];
        const { number } = harness.server.cache.revision;
        this.#come(step.node);
        // It may be cut or stand still: then it goes on with the next step.
        await subject
          ?.until(({ revision, end }) => end !== null || (revision?.number ?? -1) >= number, 200)
          .catch(() => {});
        break;
      }
      case "restart":
        await harness.restart();
        this.#follow();
    }
  }

  /** The faults stop: every node comes back and must end where the server is. */
  async converge(): Promise<void> {
    await this.harness.server.cache.advance();
    const { revision, digest } = this.harness.server.cache;
    for (const [i, subject] of this.#nodes.entries()) {
      subject.resume();
      this.#come(i);
      await subject.until(({ end, revision: held, digest: sum }) => {
        // A stream that a cut or the server ended is opened anew, as a real node would.
        if (end !== null) this.#come(i);
        return held?.number === revision.number && sum.equals(Buffer.from(digest));
      });
    }
    expect(this.#problems).toEqual([]);
    const truth = new Map<string, string>();
    for await (const slice of this.harness.source.loadAll())
      for (const { kind, id, body } of slice) truth.set(`${kind}/${id}`, Buffer.from(body).toString());
    for (const subject of this.#nodes) {
      const held = subject.names.map(
        (each) => [each, Buffer.from(subject.body(each) ?? []).toString()] as const,
      );
      expect(new Map(held)).toEqual(truth);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopFollowing();
    for (const subject of this.#nodes) subject.close();
    await this.harness[Symbol.asyncDispose]();
    await this.relay[Symbol.asyncDispose]();
  }

  #come(index: number): void {
    const subject = this.#nodes[index];
    if (subject !== undefined && !subject.isConnected) subject.connect();
  }

  #add(registered: TestNode): void {
    let last = -1;
    const subject: SimulatedNode = this.harness.connect(registered, {
      address: `127.0.0.1:${this.relay.port}`,
      healthIntervalMs: 100,
      onApplied: ({ number }) => {
        if (number < last) this.#problems.push(`${registered.name} went back from ${last} to ${number}`);
        last = number;
        const state = `${number}:${subject.digest.toString("hex")}`;
        if (!this.#published.has(state))
          this.#problems.push(`${registered.name} holds ${state}, never published`);
      },
    });
    this.#nodes.push(subject);
  }

  /** Notes every revision that the server stands at, from now on. */
  #follow(): void {
    this.#stopFollowing();
    const { cache } = this.harness.server;
    const note = (): void => {
      this.#published.add(`${cache.revision.number}:${Buffer.from(cache.digest).toString("hex")}`);
    };
    note();
    this.#stopFollowing = cache.onAdvance(note);
  }
}

test("nodes hold only what was published, never go back, and end with the newest", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 50 }), async (steps) => {
      await using world = await World.create();
      for (const step of steps) await world.perform(step);
      await world.converge();
    }),
    { numRuns: 20, endOnFailure: true },
  );
}, 120_000);
