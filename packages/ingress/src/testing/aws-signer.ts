/** The signer of AWS' own SDK, to compare ours with. Tests only. */
import { spawnSync } from "node:child_process";
import type { AwsScope } from "@latchkey/core";

/** As it takes a request, and when it is signed. */
export interface AwsRequest {
  readonly scope: AwsScope;
  readonly secret: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly headers: Readonly<Record<string, string>>;
  /** In base64. */
  readonly body: string;
  readonly nowMs: number;
}

/** Node.js by itself: under the conditions that tests are resolved by, its ES modules are found, which only a bundler reads. */
const PROGRAM = `
const { createHash, createHmac } = require("node:crypto");
const { SignatureV4 } = require("@smithy/signature-v4");
class Sha256 {
  constructor(key) { this.hash = key === undefined ? createHash("sha256") : createHmac("sha256", key); }
  update(data) { this.hash.update(data); }
  async digest() { return new Uint8Array(this.hash.digest()); }
}
const requests = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
Promise.all(requests.map(async ({ scope, secret, method, path, query, headers, body, nowMs }) => {
  const { region, service, accessKeyId } = scope;
  const credentials = { accessKeyId, secretAccessKey: secret };
  const signer = new SignatureV4({ region, service, credentials, sha256: Sha256, uriEscapePath: service !== "s3" });
  const request = { method, protocol: "https:", hostname: "", path, query, headers, body: Buffer.from(body, "base64") };
  return (await signer.sign(request, { signingDate: new Date(nowMs) })).headers.authorization;
})).then((signed) => process.stdout.write(JSON.stringify(signed)));
`;

/** @returns Authorization of each */
export function signedByAws(requests: readonly AwsRequest[]): string[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", PROGRAM], {
    cwd: import.meta.dirname,
    input: JSON.stringify(requests),
    encoding: "utf8",
    maxBuffer: 16_777_216,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}
