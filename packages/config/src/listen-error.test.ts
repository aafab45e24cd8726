import { describe, expect, it } from "vitest";
import { ListenError } from "./listen-error.js";

const refused = (code: string) =>
  new ListenError("HTTP", "127.0.0.1", 80, "LATCHKEY_INGRESS_PORT", Object.assign(new Error(code), { code }));

describe("a port that cannot be had", () => {
  it.each([
    ["EADDRINUSE", "is taken"],
    ["EACCES", "is not for this user (EACCES)"],
    ["EPERM", "cannot be used (EPERM)"],
  ])("%s %s", (code, why) => {
    const error = refused(code);
    expect(error.message).toBe(
      `port 80 on 127.0.0.1 ${why}; set another HTTP port with LATCHKEY_INGRESS_PORT`,
    );
    expect([error.port, error.why]).toEqual([80, why]);
  });

  it("blames the host where that is to blame", () => {
    const error = refused("EADDRNOTAVAIL");
    expect(error.message).toContain("no address of this machine (EADDRNOTAVAIL)");
    expect(error.message).toContain("LATCHKEY_INGRESS_HOST");
    expect(error.why).toBeNull();
  });
});
