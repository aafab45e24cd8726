import { AddressPolicy } from "@latchkey/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkSecretUrl, checkUpstreamUrl, UpstreamAllowList } from "./upstream-url.js";

const none = new UpstreamAllowList([]);

function codeOf(url: string, allow = none): string {
  const checked = checkUpstreamUrl(url, allow);
  return checked.ok ? checked.value : checked.error.code;
}

describe("an upstream URL", () => {
  it.each([
    ["https://orders.example/in?code=1", "https://orders.example/in?code=1"],
    ["HTTP://Orders.Example:80", "http://orders.example/"],
    ["http://8.8.8.8:8080/x", "http://8.8.8.8:8080/x"],
    ["https://[2606:4700::1111]/", "https://[2606:4700::1111]/"],
    ["http://orders_api:8080/", "http://orders_api:8080/"],
    ["https://_orders._tcp.example/", "https://_orders._tcp.example/"],
    ["https://bücher.example./", "https://xn--bcher-kva.example./"],
  ])("may be %s", (url, stored) => {
    expect(codeOf(url)).toBe(stored);
  });

  it.each([
    "",
    "orders.example",
    "/orders",
    "ftp://orders.example/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://",
    "http://user@orders.example/",
    "http://user:pass@orders.example/",
    "http://:pass@orders.example/",
    "https://orders.example/#part",
    "https://orders.example/#",
    "http://orders.example:99999/",
    "http://orders.example:0/",
    "http://orders .example/",
    "http://{host}/",
    "http://{tenant}.orders.example/",
    "http://8.8.8.{last}/",
    "http://orders..example/",
    "http://orders,example/",
    "http://*.orders.example/",
    "https://-a.example/",
    "https://a-.example/",
    `https://${"a".repeat(64)}.example/`,
    `https://${"a.".repeat(127)}example/`,
  ])("is not %j", (url) => {
    expect(codeOf(url)).toBe("URL_INVALID");
  });

  it("is not endless", () => {
    expect(codeOf(`https://orders.example/${"a".repeat(2048)}`)).toBe("TOO_LONG");
  });

  it.each([
    "http://127.0.0.1/",
    "http://127.1/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://１２７.0.0.1/",
    "http://0/",
    "http://0x7f.1/",
    "http://0300.0250.1/",
    "http://127.0.0.1./",
    "http://%31%32%37.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://168.63.129.16/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[64:ff9b:1::808:808]/",
    "http://[::ffff:0:808:808]/",
    "http://[5f00::1]/",
    "http://[4000::1]/",
    "http://[2001::1]/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://[ff02::1]/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://a.localhost/",
    "http://metadata.google.internal/",
    "http://printer.local/",
  ])("must not lead inwards: %s", (url) => {
    expect(codeOf(url)).toBe("URL_ADDRESS_REFUSED");
  });

  it("cannot have a zone id", () => {
    expect(codeOf("http://[fe80::1%25eth0]/")).toBe("URL_INVALID");
    expect(codeOf("http://[fe80::1%eth0]/")).toBe("URL_INVALID");
  });

  it("may hold the addresses that the policy of both planes allows, and no others", () => {
    // Half of them in ranges that are special for some reason. The ingress' address-guard.test.ts has the same.
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV4().map((ipv4) => `::ffff:${ipv4}`),
      fc.ipV4().map((ipv4) => `64:ff9b::${ipv4}`),
      fc.ipV4().map((ipv4) => `::${ipv4}`),
      fc.ipV4().map((ipv4) => `::ffff:0:${ipv4}`),
      fc.constantFrom(
        "127.0.0.1",
        "168.63.129.16",
        "::1",
        "5f00::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "fe80::1",
      ),
    );
    const allowed = ["10.0.0.0/8", "fd00::/8"];
    const policy = new AddressPolicy(allowed);
    const allow = new UpstreamAllowList(allowed);
    fc.assert(
      fc.property(address, (text) => {
        const url = `http://${text.includes(":") ? `[${text}]` : text}/`;
        expect(checkUpstreamUrl(url, allow).ok).toBe(policy.refusal(text) === null);
      }),
      { numRuns: 1_000 },
    );
  });

  it("may lead where the operator allows it, and only there", () => {
    const allow = new UpstreamAllowList(["127.0.0.0/8", "::1", "*.corp.internal", "build.local"]);
    for (const url of [
      "http://127.9.9.9/",
      "http://[::1]/",
      "http://localhost:1/",
      "http://a.corp.internal/",
      "http://build.local/",
    ])
      expect(codeOf(url, allow)).toBe(url);
    for (const url of ["http://10.0.0.1/", "http://corp.internal/", "http://xbuild.local/", "http://[::2]/"])
      expect(codeOf(url, allow)).toBe("URL_ADDRESS_REFUSED");
  });

  it("has https where a secret goes, but for names of internal networks and what the operator allows", () => {
    const allow = new UpstreamAllowList(["127.0.0.0/8", "8.8.8.8", "*.corp.example", "login.local"]);
    const secretCodeOf = (url: string) => {
      const checked = checkSecretUrl(url, allow);
      return checked.ok ? checked.value : checked.error.code;
    };
    for (const url of [
      "https://login.example/token",
      "http://keycloak:8080/token",
      "http://key_cloak/token",
      "http://127.0.0.1:9/token",
      "http://localhost:9/token",
      "http://8.8.8.8/token",
      "http://a.corp.example/token",
      "http://a.corp.example./token",
      "http://login.local/token",
    ])
      expect(secretCodeOf(url)).toBe(url);
    for (const url of [
      "http://login.example/token",
      "http://login.example./token",
      "http://corp.example/token",
      "http://8.8.4.4/token",
      "http://[2606:4700::1111]/token",
      "http://ai./token",
    ])
      expect(secretCodeOf(url)).toBe("URL_INVALID");
    expect(secretCodeOf("http://10.0.0.1/token")).toBe("URL_ADDRESS_REFUSED");
  });

  it.each(["10.0.0.0/33", "10.0.0.0/x", "http://x", "*", "a b", "", "-a.example", "*.a-.example"])(
    "has no allow list entry %j",
    (entry) => {
      expect(() => new UpstreamAllowList([entry])).toThrow(RangeError);
    },
  );
});
