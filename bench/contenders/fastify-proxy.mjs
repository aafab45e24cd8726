// The Fastify contender's process.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import httpProxy from "@fastify/http-proxy";
import createFastify from "fastify";

const [port, upstreamPort, keysFile] = process.argv.slice(2);
const apis = new Map(JSON.parse(readFileSync(keysFile, "utf8")).map((key, i) => [key, `a${i}`]));
const routes = /^\/(orders|orders\/[^/]+|download|upload)$/;

const app = createFastify({ logger: false, bodyLimit: 16 * 1024 * 1024 });
app.register(httpProxy, {
  upstream: `http://127.0.0.1:${upstreamPort}`,
  undici: { connections: 256, pipelining: 1 },
  preHandler: async (req, reply) => {
    req.api = apis.get(req.headers["connxio-api-key"]);
    if (req.api === undefined) return reply.code(401).send();
    if (!routes.test(req.url)) return reply.code(404).send();
  },
  replyOptions: {
    getUpstream: undefined,
    rewriteRequestHeaders: (req, headers) => {
      const { "connxio-api-key": _key, ...rest } = headers;
      return {
        ...rest,
        configcorrelationid: req.api,
        interchangeid: randomUUID(),
        "x-forwarded-for": req.ip,
      };
    },
    method: "POST",
  },
});
await app.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
