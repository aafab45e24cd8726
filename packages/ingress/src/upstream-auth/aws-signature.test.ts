/** Against @smithy/signature-v4, the signer of AWS' own SDK, and examples that AWS publishes. */
import { AwsSigner, bodyDigestOf, EMPTY_BODY_DIGEST } from "@latchkey/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { signedByAws } from "../testing/aws-signer.js";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const settings = { region: "eu-north-1", service: "execute-api", accessKeyId: "AKIDEXAMPLE" };

const segment = fc.string({ unit: "grapheme-ascii", maxLength: 8 }).map(encodeURIComponent);
const safe = fc.stringMatching(/^[A-Za-z0-9!'()*~._-]{1,8}$/);
const text = fc.string({ unit: "grapheme", maxLength: 8 });
const requests = fc.record({
  method: fc.constantFrom("GET", "POST", "PUT", "DELETE"),
  segments: fc.array(fc.oneof(segment, safe, fc.constantFrom("", ".", "..")), { maxLength: 5 }),
  query: fc.dictionary(fc.oneof(text, safe), fc.array(fc.oneof(text, safe), { minLength: 1, maxLength: 3 }), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  contentType: fc.constantFrom(null, "application/json", "text/plain;  charset=utf-8"),
  amz: fc.dictionary(fc.stringMatching(/^x-amz-[a-z]{1,6}$/), fc.stringMatching(/^[!-~ ]{0,12}$/), {
    maxKeys: 3,
  }),
  body: fc.uint8Array({ maxLength: 50 }),
  // Whole days apart, so that the cached key changes.
  nowMs: fc.integer({ min: 1_500_000_000, max: 1_900_000_000 }).map((seconds) => seconds * 1000),
});

describe("AWS Signature Version 4", () => {
  it.each(["execute-api", "s3"])("is what AWS' own signer makes of it, for %s", (service) => {
    const scope = { ...settings, service };
    const signer = new AwsSigner(scope, SECRET);
    const samples = fc.sample(requests, 500).map((sample) => ({
      ...sample,
      // S3's own signer takes the path as its caller has encoded it.
      path: `/${(service === "s3" ? sample.segments.map(canonical) : sample.segments).join("/")}`,
      headers: {
        host: "api.example.com",
        ...(sample.contentType !== null && { "content-type": sample.contentType }),
        ...sample.amz,
      },
    }));
    const theirs = signedByAws(
      samples.map(({ method, path, query, headers, body, nowMs }) => {
        const bytes = Buffer.from(body).toString("base64");
        return { scope, secret: SECRET, method, path, query, headers, body: bytes, nowMs };
      }),
    );
    samples.forEach(({ method, path, query, headers, body, nowMs }, i) => {
      const pairs = Object.entries(query).flatMap(([name, values]) =>
        values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
      );
      const { host, ...signed } = headers;
      const target = pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
      const ours = signer.sign(
        { method, path: target, host, headers: [Object.entries(signed).flat()] },
        bodyDigestOf([body]),
        nowMs,
      );
      expect(ours.at(-1), JSON.stringify(samples[i])).toBe(theirs[i]);
    });
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  it.each([
    ["/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"],
    ["/?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"],
  ])("is the one of AWS' example GET %s", (path, signature) => {
    const example = { region: "us-east-1", service: "s3", accessKeyId: "AKIAIOSFODNN7EXAMPLE" };
    const request = { method: "GET", path, host: "examplebucket.s3.amazonaws.com", headers: [] };
    const added = new AwsSigner(example, SECRET).sign(request, EMPTY_BODY_DIGEST, Date.UTC(2013, 4, 24));
    expect(added.at(-1)).toContain(`Signature=${signature}`);
    expect(added[1]).toBe("20130524T000000Z");
  });

  it("joins the values of equal names, and signs no other headers", () => {
    const signer = new AwsSigner(settings, SECRET);
    const sign = (...headers: string[][]) =>
      signer.sign({ method: "GET", path: "/", host: "h", headers }, EMPTY_BODY_DIGEST, 0).at(-1);
    expect(sign(["X-Amz-Meta", "a", "Accept", "x"], ["x-amz-meta", " b   c "])).toBe(
      sign(["x-amz-meta", "a,b c"]),
    );
    expect(sign(["Accept", "x"])).toBe(sign());
  });
});

const canonical = (text: string): string =>
  encodeURIComponent(decodeURIComponent(text)).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
