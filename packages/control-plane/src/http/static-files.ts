/**
 * Serves a folder of built files: what is in the folder when the server starts and nothing else, so no path can
 * lead out of it. Hashed names are kept by browsers for a year, the others are asked for each time.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join, relative, sep } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Exchange } from "./exchange.js";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".ttf": "font/ttf",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};
const COMPRESSIBLE = /^(text\/|application\/(json|manifest\+json)|image\/svg)/;
/** A name with a content hash, as vite makes them: `index-B4f9x_2a.js`. */
const HASHED = /-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/;
const FILES_MAX = 5_000;

interface StaticFile {
  readonly path: string;
  readonly type: string;
  readonly bytes: number;
  readonly immutable: boolean;
}

interface LoadedFile {
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer | null;
  readonly brotli: Buffer | null;
}

export class StaticFiles {
  readonly #files = new Map<string, StaticFile>();
  readonly #loaded = new Map<string, LoadedFile>();
  readonly #policy: string;

  /** An absent folder is an empty one. */
  constructor(options: { readonly dir: string; readonly policy: string }) {
    this.#policy = options.policy;
    if (existsSync(options.dir)) this.#list(options.dir, options.dir);
  }

  get isEmpty(): boolean {
    return this.#files.size === 0;
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** Sends the file at `path` (`index.html`, `assets/x.js`); false when there is none. */
  serve(exchange: Exchange, path: string): boolean {
    const file = this.#files.get(path);
    if (file === undefined) return false;
    const { etag, plain, gzip, brotli } = this.#load(path, file);
    const headers: Record<string, string> = {
      "content-type": file.type,
      "cache-control": file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
      "content-security-policy": this.#policy,
      etag,
      vary: "accept-encoding",
    };
    if (exchange.header("if-none-match") === etag) {
      exchange.res.writeHead(304, headers);
      exchange.res.end();
      return true;
    }
    const accepted = exchange.header("accept-encoding") ?? "";
    if (brotli !== null && /\bbr\b/.test(accepted))
      exchange.send(200, { ...headers, "content-encoding": "br" }, brotli);
    else if (gzip !== null && /\bgzip\b/.test(accepted))
      exchange.send(200, { ...headers, "content-encoding": "gzip" }, gzip);
    else exchange.send(200, headers, plain);
    return true;
  }

  #list(root: string, dir: string): void {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) this.#list(root, path);
      else if (entry.isFile() && this.#files.size < FILES_MAX) {
        const name = relative(root, path).split(sep).join("/");
        this.#files.set(name, {
          path,
          type: TYPES[extname(path)] ?? "application/octet-stream",
          bytes: statSync(path).size,
          immutable: HASHED.test(name),
        });
      }
    }
  }

  /** Read and compressed once, when first asked for. A file that is not immutable is read again when it changed. */
  #load(path: string, file: StaticFile): LoadedFile {
    const kept = this.#loaded.get(path);
    if (kept !== undefined && (file.immutable || statSync(file.path).size === kept.plain.length)) return kept;
    const plain = readFileSync(file.path);
    const compressible = COMPRESSIBLE.test(file.type) && plain.length > 1024;
    const loaded: LoadedFile = {
      etag: `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`,
      plain,
      gzip: compressible ? gzipSync(plain) : null,
      brotli: compressible
        ? brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } })
        : null,
    };
    this.#loaded.set(path, loaded);
    return loaded;
  }
}
