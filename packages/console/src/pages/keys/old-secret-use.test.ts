import { expect, it } from "vitest";
import { oldSecretUse } from "./old-secret-use.js";

const minute = (time: string, previousSecret: number) => ({ at: `2026-11-30T${time}:00Z`, previousSecret });
const ms = (time: string) => Date.parse(`2026-11-30T${time}:00Z`);
const key = { previousSecretLastUsedAt: null, updatedAt: "2026-11-30T10:20:30Z" };
const restarted = "2026-11-30T10:50:00Z";
const hour = [minute("10:00", 0), minute("10:20", 3), minute("10:40", 2), minute("10:55", 0)];

it("knows of a use before the control plane was restarted, or that another one heard", () => {
  expect(oldSecretUse(key, restarted, hour).lastMs).toBe(ms("10:40"));
});

it("prefers what is newer", () => {
  const used = { ...key, previousSecretLastUsedAt: "2026-11-30T10:58:00Z" };
  expect(oldSecretUse(used, restarted, hour).lastMs).toBe(ms("10:58"));
});

it("leaves out uses of the secret before that, and says since when there was none", () => {
  const use = oldSecretUse(key, restarted, [minute("10:00", 0), minute("10:19", 3)]);
  expect(use).toEqual({ lastMs: null, noneSinceMs: Date.parse(key.updatedAt) });
});

it("says that there was none since the counts begin, for a key that was regenerated before", () => {
  const old = { ...key, updatedAt: "2026-11-29T10:00:00Z" };
  expect(oldSecretUse(old, restarted, [minute("10:00", 0)]).noneSinceMs).toBe(ms("10:00"));
  expect(oldSecretUse(old, "2026-11-29T11:00:00Z", [minute("10:00", 0)]).noneSinceMs).toBe(
    Date.parse("2026-11-29T11:00:00Z"),
  );
});
