import { expect, it } from "vitest";
import { PrimaryTokens, type TokenQuestion } from "./primary-tokens.js";

it("gives each question its reply, in whatever order, and an error where there is no token", async () => {
  const questions: TokenQuestion[] = [];
  const tokens = new PrimaryTokens((question) => void questions.push(question));
  const first = tokens.ask("crd_1", null);
  const second = tokens.ask("crd_2", "old");
  const third = tokens.ask("crd_3", null);
  expect(questions.map(({ credentialId, refused }) => [credentialId, refused])).toEqual([
    ["crd_1", null],
    ["crd_2", "old"],
    ["crd_3", null],
  ]);
  const [a, b, c] = questions.map(({ id }) => id) as [number, number, number];
  tokens.onReply({ id: c, token: null });
  tokens.onReply({ id: b, token: { accessToken: "two", lifeMs: null, ageMs: 5 } });
  tokens.onReply({ id: a, token: { accessToken: "one", lifeMs: 10 } });
  tokens.onReply({ id: a, token: null }); // late
  await expect(third).rejects.toThrow("no token");
  expect([(await first).accessToken, (await second).accessToken]).toEqual(["one", "two"]);
});
