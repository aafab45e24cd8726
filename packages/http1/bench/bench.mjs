// CPU time of a proxy process for each forwarded request: our server and client, our server before undici, a plain
// node:http proxy, and nginx where it is installed. Rounds are interleaved; compare ratios, the machine is shared.
// `npm run bench -w packages/http1 -- [rounds] [seconds] [names…]`. Needs wrk.

import { execFileSync, fork, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [rounds = "5", seconds = "2", ...only] = process.argv.slice(2);
const WORKLOADS = [
  { name: "GET, 18 byte response", args: ["-c64"], path: "/small" },
  { name: "POST 1 KiB", args: ["-c64"], path: "/small", body: 1_024 },
  { name: "1 MiB response", args: ["-c16"], path: "/large" },
];

const scripts = mkdtempSync(join(tmpdir(), "http1-bench-"));
process.on("exit", () => rmSync(scripts, { recursive: true, force: true }));

function start(name, upstreamPort) {
  const child = fork(new URL("./contenders.mjs", import.meta.url), [name, String(upstreamPort)], {
    execArgv: process.env.CPU_PROF === name ? ["--cpu-prof", "--cpu-prof-dir", scripts] : [],
  });
  const ask = () => {
    child.send("cpu");
    return new Promise((resolve) => child.once("message", resolve));
  };
  return new Promise((resolve) =>
    child.once("message", ({ port }) =>
      resolve({
        name,
        port,
        usage: async () => {
          const { cpu, rss } = await ask();
          return { user: cpu.user, system: cpu.system, rss };
        },
        stop: () => child.disconnect(),
      }),
    ),
  );
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.on("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** One worker, keep-alive both ways, no log, in a directory of its own. Null where there is no nginx. */
async function startNginx(upstreamPort) {
  const port = await freePort();
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const config = `worker_processes 1; daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; client_body_buffer_size 128k;
${temp.map((kind) => `${kind}_temp_path ${kind};`).join(" ")}
upstream origin { server 127.0.0.1:${upstreamPort}; keepalive 128; keepalive_requests 100000000; }
server { listen 127.0.0.1:${port}; location / { proxy_method POST; proxy_http_version 1.1;
proxy_set_header Connection ""; proxy_pass http://origin; } } }`;
  writeFileSync(join(scripts, "nginx.conf"), config);
  const child = spawn("nginx", ["-p", scripts, "-c", join(scripts, "nginx.conf")], { stdio: "inherit" });
  const failed = await new Promise((resolve) => {
    child.on("error", () => resolve(true));
    child.on("spawn", () => resolve(false));
  });
  if (failed) return null;
  const tick = 1e6 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  return {
    name: "nginx",
    port,
    usage: async () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ");
      return {
        user: Number(fields[11]) * tick,
        system: Number(fields[12]) * tick,
        rss: Number(fields[21]) * 4_096,
      };
    },
    stop: () => child.kill(),
  };
}

function load(port, workload) {
  const args = ["-t1", `-d${seconds}s`, ...workload.args];
  if (workload.body !== undefined) {
    const script = join(scripts, "post.lua");
    writeFileSync(script, `wrk.method = "POST"\nwrk.body = string.rep("x", ${workload.body})\n`);
    args.push("-s", script);
  }
  args.push("-H", "Api-Key: 0123456789abcdef0123456789abcdef", `http://127.0.0.1:${port}${workload.path}`);
  return new Promise((resolve) => {
    const child = spawn("wrk", args);
    let out = "";
    child.stdout.on("data", (piece) => {
      out += piece;
    });
    child.on("close", () => {
      const requests = Number(/(\d+) requests in/.exec(out)?.[1] ?? 0);
      resolve({ requests, bad: /Non-2xx|Socket errors/.exec(out) !== null });
    });
  });
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

const origin = await start("origin", 0);
const contenders = [];
for (const name of ["http1", "undici", "node:http"]) {
  if (only.length === 0 || only.includes(name)) contenders.push(await start(name, origin.port));
}
const nginx = await startNginx(origin.port);
if (nginx === null) console.log("nginx is not installed: left out");
else contenders.unshift(nginx);

for (const workload of WORKLOADS) {
  const results = new Map(
    contenders.map(({ name }) => [name, { cpu: [], user: [], rate: [], bad: 0, rss: 0 }]),
  );
  for (const contender of contenders) await load(contender.port, workload); // warm
  for (let round = 0; round < Number(rounds); round++) {
    for (const contender of contenders) {
      const result = results.get(contender.name);
      const before = await contender.usage();
      const { requests, bad } = await load(contender.port, workload);
      const after = await contender.usage();
      if (bad || requests === 0) result.bad++;
      const user = after.user - before.user;
      result.cpu.push((user + after.system - before.system) / requests);
      result.user.push(user / requests);
      result.rate.push(requests / Number(seconds));
      result.rss = after.rss;
    }
  }
  console.log(`\n${workload.name}`);
  const reference = results.get(contenders[0].name);
  for (const [name, { cpu, user, rate, bad, rss }] of results) {
    const ratio = median(cpu.map((value, round) => value / reference.cpu[round]));
    console.log(
      `  ${name.padEnd(10)} ${median(cpu).toFixed(1).padStart(7)} us CPU/request (user ${median(user).toFixed(1)}, ` +
        `${Math.min(...cpu).toFixed(1)}–${Math.max(...cpu).toFixed(1)})  x${ratio.toFixed(2)} of ${contenders[0].name}  ` +
        `${median(rate).toFixed(0)}/s  ${(rss / 1e6).toFixed(0)} MB${bad > 0 ? `  ${bad} rounds with errors` : ""}`,
    );
  }
}
for (const contender of [...contenders, origin]) contender.stop();
process.disconnect?.();
