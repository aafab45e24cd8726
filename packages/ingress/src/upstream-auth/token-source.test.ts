import { FakeClock } from "@latchkey/core";
import { describe, expect, it } from "vitest";
import { TokenSource } from "./token-source.js";

const LIFE_MS = 10_000;

/** A token server in the same process: each token is another one, and lives for ten seconds. */
class Server {
  readonly clock = new FakeClock();
  readonly failures: unknown[] = [];
  asked = 0;
  isDown = false;
  lifeMs = LIFE_MS;
  readonly #ends: (() => void)[] = [];
  readonly tokens = new TokenSource({
    clock: this.clock,
    onFailure: (error) => this.failures.push(error),
    fetch: async () => {
      const number = ++this.asked;
      const endsAtMs = this.clock.monotonicMs() + LIFE_MS;
      await new Promise<void>((resolve) => this.#ends.push(resolve));
      if (this.isDown) throw new Error("down");
      this.#lives.set(`token-${number}`, endsAtMs);
      return { accessToken: `token-${number}`, lifeMs: this.lifeMs };
    },
  });
  readonly #lives = new Map<string, number>();

  /** Lets the flights end. */
  async respond(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }

  accepts(token: string | null): boolean {
    return token !== null && this.clock.monotonicMs() < (this.#lives.get(token) ?? 0);
  }
}

describe("the tokens of a credential", () => {
  it("serve 10 000 requests over 50 renewals: none fails, none waits but the first, one token request each", async () => {
    const server = new Server();
    const first = server.tokens.settle();
    expect(first).toBeInstanceOf(Promise);
    await server.respond();
    await first;
    let waited = 0;
    for (let request = 0; request < 10_000; request++) {
      const verdict = server.tokens.settle();
      if (verdict !== null) waited++;
      expect(server.accepts(server.tokens.text)).toBe(true);
      if (request % 7 === 0) await server.respond();
      server.clock.advance(41);
    }
    expect(waited).toBe(0);
    // 410 s, a token each 8 s or a little more: the flight ends with one of the next seven requests.
    expect(server.asked).toBeGreaterThanOrEqual(48);
    expect(server.asked).toBeLessThanOrEqual(52);
    expect(server.tokens.version).toBe(server.asked);
  });

  it("are fetched in one flight, for a bounded number of requests", async () => {
    const server = new Server();
    const verdicts = Array.from({ length: 1_001 }, () => server.tokens.settle());
    expect(server.asked).toBe(1);
    expect(verdicts.slice(0, 1_000).every((verdict) => verdict instanceof Promise)).toBe(true);
    expect(verdicts[1_000]).toBe("upstream.token_unavailable");
    await server.respond();
    await Promise.all(verdicts);
    expect(server.tokens.settle()).toBeNull();
  });

  it("are not asked for again and again from a server that is down", async () => {
    const server = new Server();
    server.isDown = true;
    const first = server.tokens.settle();
    await server.respond();
    await first;
    expect(server.failures).toHaveLength(1);
    for (let i = 0; i < 100; i++) expect(server.tokens.settle()).toBe("upstream.token_unavailable");
    expect(server.asked).toBe(1);
    server.clock.advance(1_000);
    expect(server.tokens.settle()).toBeInstanceOf(Promise);
    server.isDown = false;
    await server.respond();
    expect(server.tokens.settle()).toBeNull();
  });

  it.each([0, 500])("of %i ms are used by those that waited, and fetched once a second", async (lifeMs) => {
    const server = new Server();
    server.lifeMs = lifeMs;
    void server.tokens.settle();
    server.clock.advance(2_000);
    await server.respond();
    for (let ms = 0; ms < 5_000; ms += 10) {
      expect(server.tokens.settle()).toBeNull();
      await server.respond();
      server.clock.advance(10);
    }
    expect(server.asked).toBeLessThanOrEqual(8);
  });

  it("live on while the server is down, up to their end", async () => {
    const server = new Server();
    void server.tokens.settle();
    await server.respond();
    server.isDown = true;
    server.clock.advance(0.85 * LIFE_MS);
    expect(server.tokens.settle()).toBeNull();
    await server.respond();
    expect(server.tokens.settle()).toBeNull();
    expect(server.accepts(server.tokens.text)).toBe(true);
    server.clock.advance(0.12 * LIFE_MS);
    expect(server.tokens.settle()).not.toBeNull();
  });

  it("are renewed once when the target refuses one, and not when it refuses a fresh one", async () => {
    const server = new Server();
    void server.tokens.settle();
    await server.respond();
    expect(server.tokens.renew(server.tokens.version)).toBeNull();
    server.clock.advance(6_000);
    const version = server.tokens.version;
    const renewals = Array.from({ length: 20 }, () => server.tokens.renew(version));
    expect(renewals.every((renewal) => renewal instanceof Promise)).toBe(true);
    expect(server.asked).toBe(2);
    await server.respond();
    await Promise.all(renewals);
    // A late 401 of the token before: there is another already.
    expect(server.tokens.renew(version)).toBeInstanceOf(Promise);
    expect(server.tokens.renew(server.tokens.version)).toBeNull();
    expect(server.asked).toBe(2);
  });

  it("are given to other processes of the node: one token request for each renewal, however many ask", async () => {
    const server = new Server();
    const questions: (string | null)[] = [];
    const workers = Array.from(
      { length: 3 },
      () =>
        new TokenSource({
          clock: server.clock,
          onFailure: () => undefined,
          fetch: async (refused) => {
            questions.push(refused);
            const token = await server.tokens.give(refused);
            if (token === null) throw new Error("none");
            return token;
          },
        }),
    );
    const settled = workers.map((worker) => worker.settle());
    await server.respond();
    await Promise.all(settled);
    for (let round = 0; round < 2_000; round++) {
      for (const worker of workers) {
        expect(worker.settle()).toBeNull();
        expect(server.accepts(worker.text)).toBe(true);
      }
      await server.respond();
      server.clock.advance(40);
    }
    // 80 s, a token each 8 s.
    expect(server.asked).toBeGreaterThanOrEqual(10);
    expect(server.asked).toBeLessThanOrEqual(12);
    expect(questions.every((refused) => refused === null)).toBe(true);

    // A target refuses the token: one more request, for all that ask.
    const before = server.asked;
    server.clock.advance(6_000);
    const renewals = workers.map((worker) => worker.renew(worker.version));
    await server.respond();
    await Promise.all(renewals);
    expect(server.asked).toBe(before + 1);
    expect(new Set(workers.map(({ text }) => text))).toEqual(new Set([`token-${before + 1}`]));
  });
});
