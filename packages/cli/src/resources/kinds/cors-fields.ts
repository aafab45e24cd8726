/** Options of an API's CORS policy: which web pages may call it. */
import type { Field } from "../kind.js";
import { bool, integer } from "../parsers.js";

export const corsFields: readonly Field[] = [
  {
    flags: "--cors <none>",
    description: "takes the CORS policy away: no web page may call the API",
    input: "cors",
    choices: ["none"],
    parse: () => null,
  },
  {
    flags: "--cors-origin <origin>",
    description:
      "pages that may call it: https://app.example.com, https://*.example.com or *; --cors none takes the policy away",
    input: "cors.origins",
    repeated: "NONEMPTY",
  },
  {
    flags: "--cors-method <method>",
    description: "a method that pages may use",
    input: "cors.methods",
    repeated: true,
  },
  {
    flags: "--cors-header <name>",
    description: "a request header that pages may set",
    input: "cors.headers",
    repeated: true,
  },
  {
    flags: "--cors-exposed-header <name>",
    description: "a response header that pages may read",
    input: "cors.exposedHeaders",
    repeated: true,
  },
  {
    flags: "--cors-credentials <true|false>",
    description: "whether browsers send cookies along",
    input: "cors.credentials",
    parse: bool,
  },
  {
    flags: "--cors-max-age <seconds>",
    description: "how long browsers may keep the response to a preflight request",
    input: "cors.maxAgeSeconds",
    none: null,
    parse: integer,
  },
];
