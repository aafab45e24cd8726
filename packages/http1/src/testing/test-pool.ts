// Origins of a script and pools to them; both are closed when the test is over. Tests only.

import { onTestFinished } from "vitest";
import type { Http1PoolOptions } from "../client/upstream-options.js";
import { Http1Pool } from "../client/upstream-pool.js";
import { type OriginScript, RawOrigin } from "./raw-origin.js";

export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

export async function origin(script: OriginScript): Promise<RawOrigin> {
  const started = await RawOrigin.start(script);
  onTestFinished(() => started[Symbol.asyncDispose]());
  return started;
}

export function poolTo(
  target: { readonly port: number },
  options: Partial<Http1PoolOptions> = {},
): Http1Pool {
  const pool = new Http1Pool({ host: "127.0.0.1", port: target.port, ...options });
  onTestFinished(() => pool.destroy());
  return pool;
}
