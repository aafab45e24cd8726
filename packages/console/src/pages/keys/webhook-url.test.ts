import { expect, it } from "vitest";
import { webhookUrl } from "./webhook-url.js";

const parts = {
  ingressUrl: "https://api.example/",
  path: "/orders/{id}/files/{rest*}",
  parameters: { id: "a/b", "rest*": "x/y" },
  query: "?source=web shop",
  keyHeader: "Connxio-Api-Key",
  webhookFlag: "Connxio-Api-Webhook",
  secret: "lk_secret",
};

it("fills the parameters, keeps the sender's query, and adds key and flag", () => {
  expect(webhookUrl(parts)).toBe(
    "https://api.example/orders/a%2Fb/files/x/y?source=web%20shop&Connxio-Api-Key=lk_secret&Connxio-Api-Webhook=true",
  );
  expect(webhookUrl({ ...parts, path: "/in", query: "" })).toBe(
    "https://api.example/in?Connxio-Api-Key=lk_secret&Connxio-Api-Webhook=true",
  );
});

it("leaves a parameter without a value in braces, so that it is seen", () => {
  expect(webhookUrl({ ...parts, parameters: {} })).toContain("/orders/{id}/files/{rest*}");
});
