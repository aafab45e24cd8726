/** The responses of an operation as saved responses of a Postman collection. The gateway's own are left out: each request has them. */
import { STATUS_CODES } from "node:http";
import { exampleOfMedia } from "./example-of-media.js";
import { describedResponses } from "./gateway-response.js";
import { isObject, type JsonObject } from "./json.js";
import { simpleText } from "./parameter-text.js";
import { responseBody } from "./postman-body.js";
import { descriptionOf } from "./postman-description.js";
import type { Operation } from "./postman-request.js";

/** Of a `default`, which is what goes wrong. */
const DEFAULT_CODE = 500;

/** `key`: as the document has the status, `4XX` for one. */
export async function savedResponses({
  document,
  operation,
  method,
}: Operation): Promise<readonly { readonly key: string; readonly response: JsonObject }[]> {
  const responses = describedResponses(document, isObject(operation.responses) ? operation.responses : {});
  return Promise.all(
    Object.entries(responses).map(async ([key, described]) => {
      const response = described as JsonObject;
      const code = key === "default" ? DEFAULT_CODE : Number(key.replaceAll("X", "0"));
      const { contentType, text, language } = await responseBody(response, document);
      return {
        key,
        response: {
          name: String(response.description ?? "") || key,
          code,
          status: STATUS_CODES[code] ?? "",
          header: [
            ...(contentType === null ? [] : [{ key: "Content-Type", value: contentType }]),
            ...(await headers(response, document)),
          ],
          body: method === "head" ? "" : text,
          cookie: [],
          _postman_previewlanguage: language,
        },
      };
    }),
  );
}

async function headers(response: JsonObject, document: JsonObject): Promise<readonly JsonObject[]> {
  const described = isObject(response.headers) ? Object.entries(response.headers) : [];
  return Promise.all(
    described.map(async ([key, header]) => {
      const rules = isObject(header) ? header : {};
      const value = (await exampleOfMedia(rules, document, undefined, "response")) ?? "";
      return { key, value: simpleText(value, rules), ...descriptionOf(rules.description) };
    }),
  );
}
