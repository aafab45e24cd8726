// The node:http contender's process.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";

const [port, upstreamPort, keysFile] = process.argv.slice(2);
const apis = new Map(JSON.parse(readFileSync(keysFile, "utf8")).map((key, i) => [key, `a${i}`]));
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const routes = /^\/(orders|orders\/[^/]+|download|upload)$/;

const server = http.createServer((req, res) => {
  const api = apis.get(req.headers["connxio-api-key"]);
  if (api === undefined) return void res.writeHead(401).end();
  if (!routes.test(req.url)) return void res.writeHead(404).end();
  const headers = { ...req.headers, configcorrelationid: api, interchangeid: randomUUID() };
  delete headers["connxio-api-key"];
  delete headers.connection;
  headers["x-forwarded-for"] = req.socket.remoteAddress;
  const upstream = http.request(
    { agent, host: "127.0.0.1", port: Number(upstreamPort), path: req.url, method: "POST", headers },
    (response) => {
      res.writeHead(response.statusCode, response.headers);
      response.pipe(res);
    },
  );
  upstream.on("error", () => (res.headersSent ? res.destroy() : res.writeHead(502).end()));
  req.pipe(upstream);
});
server.keepAliveTimeout = 60_000;
server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
