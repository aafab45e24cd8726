/**
 * Every router behind one small interface: spell patterns as it wants them, build from a table, match, and say what was
 * matched. `build` and `find` are what is timed, and `find` gives all that the router gives; `explain` is for checking only.
 */
import { parseRoutePattern } from "@latchkey/core";
import { buildRouter } from "@latchkey/router";
import findMyWay from "find-my-way";
import { LinearRouter } from "hono/router/linear-router";
import { PatternRouter } from "hono/router/pattern-router";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";
import { Memoirist } from "memoirist";
import { addRoute, createRouter, findRoute } from "rou3";
import { compileRouter } from "rou3/compiler";

/**
 * @typedef {{ route: number, values: string[] } | null} Found
 * @typedef {{
 *   method: string,
 *   pattern: string,
 *   spelled: string,
 * }} SpelledRoute  a route with its pattern in ours and in the router's own spelling
 * @typedef {{
 *   find: (method: string, path: string) => unknown,
 *   explain: (found: any) => Found,
 * }} Built
 * @typedef {{
 *   spell: (pattern: string) => string,
 *   build: (routes: SpelledRoute[]) => Built,
 * }} Contender
 */

/** Patterns as `:name`, with the rest of the path in the given form. */
function withColons(/** @type {string} */ pattern, /** @type {(name: string) => string} */ rest) {
  return pattern.replace(/\{([^}*]+)(\*?)\}/g, (_, name, star) => (star ? rest(name) : `:${name}`));
}

function byName(
  /** @type {Record<string, string> | undefined} */ params,
  /** @type {string} */ pattern,
  restName = "",
) {
  return [...pattern.matchAll(/\{([^}*]+)(\*?)\}/g)].map(([, name, star]) => {
    return params?.[star && restName ? restName : name];
  });
}

/**
 * @param {new () => { add: Function, match: Function }} Router
 * @returns {Contender}
 */
function honoContender(Router) {
  return {
    spell: (pattern) => withColons(pattern, (name) => `:${name}{.+}`),
    build(routes) {
      const router = new Router();
      for (const [index, { method, spelled }] of routes.entries()) router.add(method, spelled, index);
      return {
        find: (/** @type {string} */ method, /** @type {string} */ path) => router.match(method, path),
        explain: (/** @type {any} */ [handlers, stash]) => {
          if (handlers.length === 0) return null;
          // A middleware framework's router gives all routes that match; the first is the one that handles the request.
          const [index, params] = handlers[0];
          const names = [...routes[index].pattern.matchAll(/\{([^}*]+)/g)].map((it) => it[1]);
          return { route: index, values: names.map((it) => (stash ? stash[params[it]] : params[it])) };
        },
      };
    },
  };
}

/** @type {Record<string, Contender>} */
export const contenders = {
  latchkey: {
    spell: (pattern) => pattern,
    build(routes) {
      const built = buildRouter(
        routes.map(({ method, spelled }, index) => {
          const parsed = parseRoutePattern(spelled);
          if (!parsed.ok) throw new Error(parsed.error.message);
          return { method, pattern: parsed.value, value: index };
        }),
      );
      if (!built.ok) throw new Error(built.error.message);
      const router = built.value;
      return {
        find: (method, path) => router.find(method, path),
        explain: (found) =>
          found?.kind === "match" ? { route: found.route.value, values: [...found.parameterValues] } : null,
      };
    },
  },

  memoirist: {
    spell: (pattern) => withColons(pattern, () => "*"),
    build(routes) {
      const router = new Memoirist();
      for (const [index, { method, spelled }] of routes.entries()) router.add(method, spelled, { index });
      return {
        find: (method, path) => router.find(method, path),
        explain: (found) =>
          found && {
            route: found.store.index,
            values: byName(found.params, routes[found.store.index].pattern, "*"),
          },
      };
    },
  },

  rou3: {
    spell: (pattern) => withColons(pattern, (name) => `**:${name}`),
    build(routes) {
      const router = createRouter();
      for (const [index, { method, spelled }] of routes.entries())
        addRoute(router, method, spelled, { index });
      return {
        find: (method, path) => findRoute(router, method, path),
        explain: (found) =>
          found
            ? { route: found.data.index, values: byName(found.params, routes[found.data.index].pattern) }
            : null,
      };
    },
  },

  "rou3 compiled": {
    spell: (pattern) => withColons(pattern, (name) => `**:${name}`),
    build(routes) {
      const router = createRouter();
      for (const [index, { method, spelled }] of routes.entries())
        addRoute(router, method, spelled, { index });
      const find = compileRouter(router);
      return {
        find,
        explain: (found) =>
          found
            ? { route: found.data.index, values: byName(found.params, routes[found.data.index].pattern) }
            : null,
      };
    },
  },

  "find-my-way": {
    spell: (pattern) => withColons(pattern, () => "*"),
    build(routes) {
      const router = findMyWay();
      for (const [index, { method, spelled }] of routes.entries())
        router.on(/** @type {any} */ (method), spelled, () => {}, { index });
      return {
        find: (method, path) => router.find(/** @type {any} */ (method), path),
        explain: (found) =>
          found && {
            route: found.store.index,
            values: byName(found.params, routes[found.store.index].pattern, "*"),
          },
      };
    },
  },

  "hono RegExpRouter": honoContender(RegExpRouter),
  "hono SmartRouter": honoContender(
    class extends SmartRouter {
      constructor() {
        super({ routers: [new RegExpRouter(), new TrieRouter()] });
      }
    },
  ),
  "hono TrieRouter": honoContender(TrieRouter),
  "hono PatternRouter": honoContender(PatternRouter),
  "hono LinearRouter": honoContender(LinearRouter),
};
