/**
 * Compresses a response's body for clients that accept it. The rule (BREACH): a response that holds a secret is never
 * compressed, since its length would tell what text of an attacker equals a part of the secret. No query returns a secret;
 * mutations and `/session` do, so only responses to queries come here.
 */
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** Below, headers cost more than compression gains. */
const BYTES_MIN = 1_024;
/** As quick as gzip's default, and smaller. */
const BROTLI_QUALITY = 4;

const toBrotli = promisify(brotliCompress);
const toGzip = promisify(gzip);

export interface CompressedBody {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export async function compress(accepted: string | undefined, text: string): Promise<CompressedBody> {
  const body = Buffer.from(text);
  if (accepted === undefined || body.length < BYTES_MIN) return { headers: {}, body };
  if (accepts(accepted, "br"))
    return {
      headers: { "content-encoding": "br" },
      body: await toBrotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
    };
  if (accepts(accepted, "gzip")) return { headers: { "content-encoding": "gzip" }, body: await toGzip(body) };
  return { headers: {}, body };
}

/** Whether a coding is listed and not refused by `q=0` (RFC 9110, section 12.5.3). */
function accepts(accepted: string, coding: string): boolean {
  return accepted.split(",").some((part) => {
    const [name = "", ...parameters] = part.split(";").map((each) => each.trim().toLowerCase());
    return name === coding && !parameters.some((each) => /^q=0(?:\.0*)?$/.test(each));
  });
}
