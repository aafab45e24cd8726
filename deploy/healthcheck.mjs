// The image's health check: whichever part runs in this container, its own check responds with 200.
const env = process.env;
const urls = [
  `http://127.0.0.1:${env.LATCHKEY_INGRESS_ADMIN_PORT ?? 8081}/healthz`,
  `http://127.0.0.1:${env.LATCHKEY_CONTROL_PLANE_HTTP_PORT ?? 4000}/healthz`,
];
const isHealthy = await Promise.any(
  urls.map(async (url) => {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    if (status !== 200) throw new Error(`${url} responded with ${status}`);
    return true;
  }),
).catch(() => false);
process.exit(isHealthy ? 0 : 1);
