/** The engine uws: what to install where no build loads, and that the tests have it wherever a build exists. */
import { describe, expect, it } from "vitest";
import { availableEngines } from "./create-engine.js";
import { hasUwsBuild, type Machine, thisMachine, uwsAdvice } from "./uws-advice.js";

const linux = (node: string, glibc: string | null): Machine => ({
  node,
  platform: "linux",
  arch: "x64",
  glibc,
});

describe("where no build of uWebSockets.js loads", () => {
  it.each([
    [linux("20.20.2", "2.41"), ["#v20.66.0", "uws-js-unofficial"]],
    [linux("20.20.2", "2.36"), ["uws-js-unofficial"]],
    [linux("22.23.3", "2.38"), ["#v20.69.0", "@btc-vision/uwebsockets.js"]],
    [linux("24.22.3", "2.41"), ["#v20.69.0", "@btc-vision/uwebsockets.js"]],
  ])("names the packages for %j, the official one first", (machine, packages) => {
    const lines = uwsAdvice(machine)
      .split("\n")
      .filter((line) => line.includes("npm install"));
    expect(lines).toHaveLength(packages.length);
    packages.forEach((name, index) => {
      expect(lines[index]).toContain(name);
    });
    expect(uwsAdvice(machine)).toContain("npm run uws");
  });

  it.each([
    [linux("24.22.3", "2.36"), "builds for Node.js 24 need glibc 2.38; this system has 2.36"],
    [linux("20.20.2", null), "builds for Linux need glibc, which this system does not have (musl)"],
    [linux("21.0.0", "2.41"), "builds are for Node.js 20, 22, 24"],
  ])("says why none fits %j", (machine, reason) => {
    expect(uwsAdvice(machine)).toContain(reason);
    expect(uwsAdvice(machine)).toContain("The engine strict, the default, needs none.");
    expect(uwsAdvice(machine)).not.toContain("npm install");
  });
});

it("has the engine uws in the tests wherever a build exists", () => {
  const machine = thisMachine();
  if (machine.platform !== "linux") return;
  expect(availableEngines().includes("uws"), uwsAdvice(machine)).toBe(hasUwsBuild(machine));
});
