/**
 * The route tables that the routers are compared on, with the requests that are matched.
 * A pattern is written as ours are (`{name}`, `{name*}`); contenders.mjs turns it into each one's own.
 */
import { restEndpointMethods } from "@octokit/plugin-rest-endpoint-methods";
import { seededRandom } from "./seeded-random.mjs";

/** Enough requests that the branch predictor cannot learn them by heart, few enough to stay in cache. */
const REQUESTS = 2000;

/** @typedef {{ method: string, pattern: string }} Route */
/** @typedef {{ method: string, path: string, route: number | null }} Request route: index, null: no match */
/** @typedef {{ name: string, about: string, routes: Route[], requests: Request[] }} Table */

/** By name, made when asked for: a measuring process needs one of them. */
const makers = {
  "published-hono": publishedByHono,
  "published-memoirist": publishedByMemoirist,
  "published-find-my-way": publishedByFindMyWay,
  github,
  "random-10000": random,
};

export const tableNames = Object.keys(makers);

/** @returns {Table} */
export function tableNamed(/** @type {string} */ name) {
  const make = makers[/** @type {keyof typeof makers} */ (name)];
  if (make === undefined) throw new Error(`no table ${name}; there are ${tableNames.join(", ")}`);
  const { routes, ...rest } = make();
  return {
    name,
    ...rest,
    routes: routes.map(({ method, pattern }) => ({ method, pattern: asLiteral(pattern) })),
  };
}

/** As it would be in a program's source or a decoded message: flat, not a part of another string. */
function asLiteral(/** @type {string} */ text) {
  return Object.keys({ [text]: 0 })[0];
}

/** The routes that hono, rou3 and memoirist publish their figures on, with the same seven requests. */
function publishedByHono() {
  const routes = parse(`
    GET /user
    GET /user/comments
    GET /user/avatar
    GET /user/lookup/username/{username}
    GET /user/lookup/email/{address}
    GET /event/{id}
    GET /event/{id}/comments
    POST /event/{id}/comment
    GET /map/{location}/events
    GET /status
    GET /very/deeply/nested/route/hello/there
    GET /static/{path*}`);
  return {
    about: "12 routes and 7 requests that hono, rou3 and memoirist publish",
    routes,
    requests: repeated([
      request(routes, "GET /user", "/user"),
      request(routes, "GET /user/comments", "/user/comments"),
      request(routes, "GET /user/lookup/username/{username}", "/user/lookup/username/hey"),
      request(routes, "GET /event/{id}/comments", "/event/abcd1234/comments"),
      request(routes, "POST /event/{id}/comment", "/event/abcd1234/comment"),
      request(routes, "GET /very/deeply/nested/route/hello/there", "/very/deeply/nested/route/hello/there"),
      request(routes, "GET /static/{path*}", "/static/index.html"),
    ]),
  };
}

/** memoirist's second published table. */
function publishedByMemoirist() {
  const routes = parse(`
    GET /api/users
    GET /api/users/{id}
    GET /api/users/{userId}/posts/{postId}
    GET /api/posts
    GET /api/posts/{id}
    GET /api/comments
    GET /api/comments/{id}
    GET /api/likes
    GET /api/follows
    GET /api/messages
    GET /api/notifications
    GET /api/search
    GET /api/feed
    GET /api/tags
    GET /api/tags/{tag}
    GET /health
    GET /version
    GET /metrics
    GET /ready
    GET /live
    GET /auth/login
    GET /auth/logout
    GET /auth/refresh
    GET /static/{path*}
    GET /assets/{path*}
    GET /public/{path*}
    GET /blog/{slug}
    GET /blog/{slug}/comments
    GET /docs/{section}/{page}
    GET /`);
  return {
    about: "30 routes and 4 requests that memoirist publishes",
    routes,
    requests: repeated([
      request(routes, "GET /api/users", "/api/users"),
      request(routes, "GET /api/users/{id}", "/api/users/123"),
      request(routes, "GET /api/users/{userId}/posts/{postId}", "/api/users/123/posts/456"),
      request(routes, "GET /static/{path*}", "/static/css/app.css"),
    ]),
  };
}

/** find-my-way's published look-ups (those without constraints and regular expressions), in one router. */
function publishedByFindMyWay() {
  const routes = parse(`
    GET /
    GET /static
    GET /static/static
    GET /static/static/static
    GET /static/static/static/static
    GET /static/static/static/static/static
    GET /static/{param1}/static/{param2}/static
    GET /{param}
    GET /{param1}/{param2}`);
  return {
    about: "the plain look-ups that find-my-way publishes, put into one router",
    routes,
    requests: repeated([
      request(routes, "GET /", "/"),
      request(routes, "GET /static", "/static"),
      request(routes, "GET /static/static/static/static/static", "/static/static/static/static/static"),
      request(routes, "GET /{param}", "/param1"),
      request(routes, "GET /{param}", "/longParamParamParamParamParamParam"),
      request(routes, "GET /{param1}/{param2}", "/param1/param2"),
      request(routes, "GET /static/{param1}/static/{param2}/static", "/static/param1/static/param2/static"),
    ]),
  };
}

const GITHUB_AREAS = ["repos", "users", "orgs", "gists", "issues", "pulls", "git", "search", "activity"];
const GITHUB_ROUTES_MAX = 250;

/** 250 routes of GitHub's REST API as Octokit knows them, taken evenly from the areas most used. */
function github() {
  /** @type {Map<string, Route>} */
  const unique = new Map();
  const endpoints = restEndpointMethods({
    request: { defaults: (/** @type {Route & { url: string }} */ it) => Object.assign(() => {}, it) },
  }).rest;
  for (const area of GITHUB_AREAS) {
    for (const name of Object.keys(endpoints[area])) {
      const { method, url } = endpoints[area][name];
      // A name in braces that is not a whole segment (`{basehead}` is one, `{a}...{b}` is not) is no route of ours.
      if (url.split("/").some((/** @type {string} */ it) => /[{}]/.test(it) && !/^\{[a-z_]+\}$/.test(it)))
        continue;
      const key = `${method} ${url.replace(/\{[^}]*\}/g, "{}")}`;
      if (!unique.has(key)) unique.set(key, { method, pattern: url });
    }
  }
  const all = [...unique.values()];
  const step = all.length / GITHUB_ROUTES_MAX;
  const routes = Array.from({ length: GITHUB_ROUTES_MAX }, (_, k) => all[Math.floor(k * step)]);
  const sorted = inOrder(sameNames(routes));
  return {
    about: `${routes.length} routes of GitHub's REST API, a request to each in random order, 2 % to none`,
    routes: sorted,
    requests: requestsTo(sorted, seededRandom(1)),
  };
}

const RANDOM_ROUTES = 10_000;

/** Nested resources with made-up names, as a large estate of APIs has them. */
function random() {
  const next = seededRandom(2);
  const pick = (/** @type {number} */ n) => Math.floor(next() * n);
  const word = () =>
    Array.from({ length: 3 + pick(8) }, () => "abcdefghijklmnopqrstuvwxyz"[pick(26)]).join("");
  const words = Array.from({ length: 600 }, word);
  const methods = ["GET", "GET", "GET", "POST", "PUT", "DELETE"];
  /** @type {Map<string, Route>} */
  const unique = new Map();
  while (unique.size < RANDOM_ROUTES) {
    let pattern = "";
    const segments = 1 + pick(5);
    for (let k = 0; k < segments; k++) {
      pattern += k > 0 && next() < 0.35 ? `/{p${k}}` : `/${words[pick(words.length)]}`;
    }
    const method = methods[pick(methods.length)];
    unique.set(`${method} ${pattern}`, { method, pattern });
  }
  const routes = inOrder([...unique.values()]);
  return {
    about:
      "10,000 random routes of 1 to 5 segments, a third of them parameters, seed 2; 2 % of requests to none",
    routes,
    requests: requestsTo(routes, next),
  };
}

/**
 * Static before parameter, segment by segment: hono's routers take the route added first, the others
 * with the most exact one; added in this order, all agree.
 */
function inOrder(/** @type {Route[]} */ routes) {
  const rank = (/** @type {Route} */ it) => it.pattern.replace(/[^/{]+/g, "0").replace(/\{[^}]*\}/g, "1");
  return routes.toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

/** GitHub names one place differently in different routes; some contenders demand one name a place. */
function sameNames(/** @type {Route[]} */ routes) {
  return routes.map(({ method, pattern }) => {
    let k = 0;
    return { method, pattern: pattern.replace(/\{[^}]*\}/g, () => `{p${k++}}`) };
  });
}

function parse(/** @type {string} */ text) {
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [method, pattern] = line.trim().split(" ");
      return { method, pattern };
    });
}

function request(/** @type {Route[]} */ routes, /** @type {string} */ route, /** @type {string} */ path) {
  const [method, pattern] = route.split(" ");
  return { method, path, route: routes.findIndex((it) => it.method === method && it.pattern === pattern) };
}

function repeated(/** @type {Request[]} */ requests) {
  return Array.from({ length: REQUESTS }, (_, k) => requests[k % requests.length]);
}

/** More segments than any route here has: a path with it at its end is found nowhere. */
const MISS = "/no/such/place/in/any/of/the/routes";

function requestsTo(/** @type {Route[]} */ routes, /** @type {() => number} */ next) {
  const values = [
    () => String(Math.floor(next() * 1e6)),
    () => ["octocat", "hello-world", "main", "v1.2.3", "README.md"][Math.floor(next() * 5)],
    () => Array.from({ length: 40 }, () => "0123456789abcdef"[Math.floor(next() * 16)]).join(""),
  ];
  const length = Math.max(REQUESTS, routes.length);
  const requests = Array.from({ length }, (_, k) => {
    const route = k % routes.length;
    const { method, pattern } = routes[route];
    const path = pattern.replace(/\{[^}]*\}/g, () => values[Math.floor(next() * values.length)]());
    return k % 50 === 49 ? { method, path: path + MISS, route: null } : { method, path, route };
  });
  for (let k = requests.length - 1; k > 0; k--) {
    const other = Math.floor(next() * (k + 1));
    [requests[k], requests[other]] = [requests[other], requests[k]];
  }
  return requests;
}
