import { describe, expect, it } from "vitest";
import { curlOfRecorded, formOfRecorded, MASKED, type RecordedRequest } from "./recorded-request.js";

const request: RecordedRequest = {
  method: "POST",
  target: `/orders/a%2Fb/files/x/y.txt?page=2&token=${MASKED}`,
  headers: [
    { name: "host", value: "gateway.example" },
    { name: "content-length", value: "13" },
    { name: "content-type", value: "text/plain" },
    { name: "connxio-api-key", value: MASKED },
    { name: "authorization", value: MASKED },
    { name: "x-note", value: `it's ${MASKED}` },
  ],
  body: "it's\ntwo lines",
};
const gateway = { ingressUrl: "http://127.0.0.1:8080", keyHeader: "Connxio-Api-Key" };

describe("a recorded request", () => {
  it("is a curl line with its body, and a place for the key", () => {
    expect(curlOfRecorded(request, gateway)).toBe(
      [
        `curl -i -X POST 'http://127.0.0.1:8080/orders/a%2Fb/files/x/y.txt?page=2&token=${MASKED}'`,
        "-H 'Connxio-Api-Key: YOUR_KEY'",
        "-H 'content-type: text/plain'",
        `-H 'authorization: ${MASKED}'`,
        `-H 'x-note: it'\\''s ${MASKED}'`,
        "--data-raw 'it'\\''s\ntwo lines'",
      ].join(" "),
    );
    const withSlash = { ...gateway, ingressUrl: `${gateway.ingressUrl}/` };
    expect(curlOfRecorded(request, withSlash)).toBe(curlOfRecorded(request, gateway));
    expect(curlOfRecorded({ ...request, body: null }, gateway)).toContain("--data-binary @body");
    expect(curlOfRecorded({ ...request, body: "" }, gateway)).not.toContain("--data");
  });

  it("fills the form of its route, without headers that were masked", () => {
    const { form, masked } = formOfRecorded("/orders/{id}/files/{path*}", request, gateway.keyHeader);
    expect(form.values).toEqual({ "path id": "a/b", "path path*": "x/y.txt" });
    expect(form.query.map(({ name, value }) => [name, value])).toEqual([
      ["page", "2"],
      ["token", MASKED],
    ]);
    expect(form.headers.map(({ name }) => name)).toEqual(["x-note"]);
    expect([form.contentType, form.body]).toEqual(["text/plain", request.body]);
    expect(masked).toEqual(["authorization"]);
  });

  it("leaves the path's fields empty where its route has changed since", () => {
    expect(formOfRecorded("/others/{id}", request, gateway.keyHeader).form.values).toEqual({ "path id": "" });
  });
});
