import { expect, it } from "vitest";
import { isLoopbackHost } from "./loopback.js";

it.each([
  "127.0.0.1",
  "127.8.9.1",
  "::1",
  "[::1]",
  "::ffff:127.0.0.1",
  "localhost",
  "LOCALHOST",
  "a.localhost",
])("%s is this machine", (host) => expect(isLoopbackHost(host)).toBe(true));

it.each([
  "10.0.0.1",
  "0.0.0.0",
  "[::]",
  "128.0.0.1",
  "127.1",
  "127.0.0.256",
  "127.0.0.1.example",
  "localhost.example",
  "notlocalhost",
  "",
])("%j is not, or may not be", (host) => expect(isLoopbackHost(host)).toBe(false));
