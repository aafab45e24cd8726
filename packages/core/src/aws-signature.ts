/**
 * AWS Signature Version 4 of a request, in headers. Synchronous, so that a request is signed where it is sent, and again
 * where it is sent again. @smithy/signature-v4 is the oracle of its test (packages/ingress). Knows no AWS service but S3's two exceptions.
 */
import { createHash, createHmac } from "node:crypto";

/** What a signature is for. */
export interface AwsScope {
  readonly region: string;
  readonly service: string;
  readonly accessKeyId: string;
}

/** What is signed: the request as it goes over the wire. */
export interface UnsignedRequest {
  readonly method: string;
  /** Origin-form, with its query. */
  readonly path: string;
  readonly host: string;
  /** Flat lists of headers. Those that services look at are signed, see `isSigned`. */
  readonly headers: readonly (readonly string[])[];
}

const ALGORITHM = "AWS4-HMAC-SHA256";
export const EMPTY_BODY_DIGEST = sha256("");
/** S3 takes it in place of the body's digest, over TLS. */
export const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

export class AwsSigner {
  readonly #settings: AwsScope;
  readonly #secret: string;
  /** Caches: the signing key of a day, four hashes. Bound: one. Invalid: on another day. */
  #key: Buffer | null = null;
  #keyDate = "";
  /** Caches: `X-Amz-Date` of a second. Bound: one. Invalid: in another second. Gain: a tenth of a signature. */
  #time = "";
  #timeSecond = -1;

  /** @param secret the secret access key */
  constructor(settings: AwsScope, secret: string) {
    this.#settings = settings;
    this.#secret = secret;
  }

  /** @returns the headers to add, flat. @param bodyDigest SHA-256 in hex, or `UNSIGNED_PAYLOAD` @param nowMs wall time */
  sign(request: UnsignedRequest, bodyDigest: string, nowMs: number): string[] {
    const { region, service, accessKeyId } = this.#settings;
    const time = this.#timeOf(nowMs);
    const date = time.slice(0, 8);
    const signed = signedHeaders(request);
    signed.push(["host", request.host], ["x-amz-content-sha256", bodyDigest], ["x-amz-date", time]);
    signed.sort(([a], [b]) => (a < b ? -1 : 1));
    let lines = "";
    let names = "";
    for (const [name, value] of signed) {
      lines += `${name}:${value}\n`;
      names += names === "" ? name : `;${name}`;
    }
    const path = canonicalPath(pathOf(request.path), service === "s3");
    const query = canonicalQuery(queryOf(request.path));
    const canonical = `${request.method}\n${path}\n${query}\n${lines}\n${names}\n${bodyDigest}`;
    const scope = `${date}/${region}/${service}/aws4_request`;
    const text = `${ALGORITHM}\n${time}\n${scope}\n${sha256(canonical)}`;
    const signature = createHmac("sha256", this.#keyOf(date)).update(text).digest("hex");
    return [
      "X-Amz-Date",
      time,
      "X-Amz-Content-Sha256",
      bodyDigest,
      "Authorization",
      `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    ];
  }

  #timeOf(nowMs: number): string {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#timeSecond) {
      this.#time = new Date(second * 1000).toISOString().replace(/[:-]|\.[0-9]{3}/g, "");
      this.#timeSecond = second;
    }
    return this.#time;
  }

  #keyOf(date: string): Buffer {
    if (this.#key === null || this.#keyDate !== date) {
      const { region, service } = this.#settings;
      let key: Buffer | string = `AWS4${this.#secret}`;
      for (const part of [date, region, service, "aws4_request"])
        key = createHmac("sha256", key).update(part).digest();
      this.#key = key as Buffer;
      this.#keyDate = date;
    }
    return this.#key;
  }
}

/** Of a body that is there. */
export function bodyDigestOf(pieces: readonly Uint8Array[] | null): string {
  if (pieces === null) return EMPTY_BODY_DIGEST;
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

/** Header values are latin1, one char code a byte. */
function sha256(text: string): string {
  return createHash("sha256").update(text, "latin1").digest("hex");
}

/** Content-Type and all of AWS. Other headers may change between here and the service. */
const SIGNED = /^(?:x-amz-|content-type$)/i;

/** By lower-case name, the values of equal names in one. */
function signedHeaders({ headers }: UnsignedRequest): [string, string][] {
  const found = new Map<string, string>();
  for (const list of headers)
    for (let i = 0; i < list.length; i += 2) {
      if (!SIGNED.test(list[i] as string)) continue;
      const name = (list[i] as string).toLowerCase();
      const value = (list[i + 1] as string).trim().replace(/[ \t]+/g, " ");
      const before = found.get(name);
      found.set(name, before === undefined ? value : `${before},${value}`);
    }
  return [...found];
}

function pathOf(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? target : target.slice(0, mark);
}

function queryOf(target: string): string {
  const mark = target.indexOf("?");
  return mark < 0 ? "" : target.slice(mark + 1);
}

/** Unreserved characters only, and no segment that is empty or begins with a dot: canonical as it is. Most are. */
const CANONICAL_PATH = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+$/;

/** S3 takes the path as an object's name, encoded once; all others normalize it and encode what is encoded. */
function canonicalPath(path: string, isS3: boolean): string {
  if (CANONICAL_PATH.test(path)) return path;
  if (isS3)
    return path
      .split("/")
      .map((segment) => encoded(decoded(segment)))
      .join("/");
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(encoded(segment));
  }
  const end = segments.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${segments.join("/")}${end}`;
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  const pairs: [string, string][] = [];
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = equals < 0 ? pair : pair.slice(0, equals);
    pairs.push([encoded(decoded(name)), equals < 0 ? "" : encoded(decoded(pair.slice(equals + 1)))]);
  }
  pairs.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1));
  return pairs.map(([name, value]) => `${name}=${value}`).join("&");
}

/** What is no percent-encoded UTF-8 stays as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** RFC 3986: everything but unreserved characters. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
