/**
 * Tests the connection to an upstream URL from the control plane, step by step: name, TCP, TLS, HTTP. Connects only to
 * addresses that are allowed as targets, sends one request without a body, and follows no redirect.
 */
import { request } from "node:http";
import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { responseTo } from "@latchkey/observe";
import { NO_LOGIN, type ProbeLogin, type UnsentCredential } from "./probe-login.js";
import type { UpstreamAllowList } from "./upstream-url.js";

export type ProbeStepName = "dns" | "tcp" | "tls" | "http";

export interface ProbeStep {
  readonly name: ProbeStepName;
  readonly milliseconds: number;
  /** What was found: addresses, the protocol, the status. */
  readonly detail: string;
  /** Null: it went well. */
  readonly problem: string | null;
}

export interface ProbeResult {
  readonly url: string;
  /** In order; ends with the first that failed. */
  readonly steps: readonly ProbeStep[];
  /** Of the response; null without one. */
  readonly status: number | null;
  /** Credentials that the request went without: the status says nothing of them. */
  readonly notSent: readonly UnsentCredential[];
}

export interface UpstreamProbeOptions {
  readonly allow: UpstreamAllowList;
  readonly lookup: LookupFunction;
  /** Of each step. */
  readonly stepMsMax?: number;
  /** Of all operators together: a test must not become a scanner. */
  readonly atOnceMax?: number;
}

const STEP_MS_MAX = 5_000;
const AT_ONCE_MAX = 4;

/** A failed step, as an exception within one probe. */
class StepFailed extends Error {}

export class UpstreamProbe {
  readonly #allow: UpstreamAllowList;
  readonly #lookup: LookupFunction;
  readonly #stepMsMax: number;
  readonly #atOnceMax: number;
  #running = 0;

  constructor(options: UpstreamProbeOptions) {
    this.#allow = options.allow;
    this.#lookup = options.lookup;
    this.#stepMsMax = options.stepMsMax ?? STEP_MS_MAX;
    this.#atOnceMax = options.atOnceMax ?? AT_ONCE_MAX;
  }

  /** `healthPath` is asked for with GET; without one HEAD asks for the URL's path. Null: too many are running. */
  async run(
    url: string,
    healthPath: string | null,
    login: ProbeLogin = NO_LOGIN,
  ): Promise<ProbeResult | null> {
    if (this.#running >= this.#atOnceMax) return null;
    this.#running++;
    try {
      return await this.#probe(url, healthPath, login);
    } finally {
      this.#running--;
    }
  }

  async #probe(text: string, healthPath: string | null, login: ProbeLogin): Promise<ProbeResult> {
    const url = new URL(text);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const steps: ProbeStep[] = [];
    const sockets: Socket[] = [];
    const step = async <T>(name: ProbeStepName, work: () => Promise<readonly [T, string]>): Promise<T> => {
      const startedMs = performance.now();
      const spent = () => Math.round((performance.now() - startedMs) * 100) / 100;
      try {
        const [value, detail] = await within(work(), this.#stepMsMax);
        steps.push({ name, milliseconds: spent(), detail, problem: null });
        return value;
      } catch (error) {
        steps.push({ name, milliseconds: spent(), detail: "", problem: sentenceOf(error) });
        throw new StepFailed();
      }
    };
    let status: number | null = null;
    try {
      const address = await step("dns", () => this.#address(host));
      const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
      let socket = await step("tcp", () =>
        opened(sockets, () => connect({ host: address, port }), "connect"),
      );
      if (url.protocol === "https:") {
        const plain = socket;
        const servername = isIP(host) === 0 ? { servername: host } : {};
        socket = await step("tls", () =>
          opened(
            sockets,
            () => connectTls({ socket: plain, ALPNProtocols: ["http/1.1"], ...servername, ...login.tls }),
            "secureConnect",
          ),
        );
      }
      status = await step("http", () => statusOf(url, healthPath, login, socket));
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    return { url: text, steps, status, notSent: login.notSent };
  }

  /** An address that may be connected to. */
  async #address(host: string): Promise<readonly [string, string]> {
    const found = await new Promise<readonly string[]>((resolve, reject) =>
      this.#lookup(host, { all: true }, (error, addresses) => {
        if (error !== null) reject(error);
        else resolve(typeof addresses === "string" ? [addresses] : addresses.map(({ address }) => address));
      }),
    );
    const refusals = found.map((address) =>
      this.#allow.allowsName(host) ? null : this.#allow.refusal(address),
    );
    const [allowed] = found.filter((_, index) => refusals[index] === null);
    if (allowed === undefined)
      throw new Error(
        found.length === 0
          ? "The name has no address."
          : `${found[0]} is not allowed as a target (${refusals[0]}).`,
      );
    return [allowed, found.join(", ")];
  }
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No response within ${ms} ms.`)), ms);
  });
  // A socket that fails after the time-out has nobody who waits for it.
  work.catch(() => undefined);
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}

async function opened<S extends Socket>(
  sockets: Socket[],
  open: () => S,
  event: "connect" | "secureConnect",
): Promise<readonly [S, string]> {
  const socket = open();
  sockets.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once(event, resolve);
    socket.on("error", reject);
  });
  const protocol =
    "getProtocol" in socket && typeof socket.getProtocol === "function" ? socket.getProtocol() : "";
  return [socket, event === "connect" ? `${socket.remoteAddress}:${socket.remotePort}` : String(protocol)];
}

async function statusOf(
  url: URL,
  healthPath: string | null,
  login: ProbeLogin,
  socket: Socket,
): Promise<readonly [number, string]> {
  const method = healthPath === null ? "HEAD" : "GET";
  // A path with placeholders cannot be asked for.
  const own = /%7B|\{/i.test(url.pathname) ? "/" : `${url.pathname}${url.search}`;
  const path = healthPath ?? own;
  const headers = { "user-agent": "latchkey-connection-test" };
  const loggedIn = login.apply({ method, path, host: url.host, headers });
  const sent = request({
    method,
    path: loggedIn.path,
    headers: { host: url.host, ...loggedIn.headers, connection: "close" },
    createConnection: () => socket,
  });
  const pending = responseTo(sent);
  sent.end();
  const response = await pending;
  const status = response.statusCode ?? 0;
  response.destroy();
  // The path without what credentials add to it.
  return [status, `${method} ${path}: ${status} ${response.statusMessage ?? ""}`.trim()];
}

const sentences: Readonly<Record<string, string>> = {
  ENOTFOUND: "There is no such name.",
  ENODATA: "The name has no address.",
  ETIMEOUT: "The name servers do not respond.",
  ECONNREFUSED: "The connection is refused: nothing listens on that port.",
  ECONNRESET: "The other side closed the connection.",
  EHOSTUNREACH: "There is no route to the host.",
  ENETUNREACH: "There is no route to the network.",
  EPROTO: "The other side does not speak TLS.",
  CERT_HAS_EXPIRED: "The certificate has expired.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The certificate is signed by itself; the control plane does not trust it.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The control plane does not trust who signed the certificate.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate is for another name.",
};

function sentenceOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code !== "string") return String(message);
  return (
    sentences[code] ?? (code.startsWith("ERR_SSL") ? (sentences.EPROTO as string) : `${code}: ${message}`)
  );
}
