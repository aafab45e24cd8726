/**
 * Every router behind one small interface: build from a table, match, and say what was matched.
 * `find` is what is timed and gives all that the router gives; `explain` is for checking only.
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
 * @typedef {{ route: number, values: string[] } | null} Answer
 * @typedef {{
 *   find: (method: string, path: string) => unknown,
 *   explain: (found: any) => Answer,
 * }} Built
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

/** @param {new () => { add: Function, match: Function }} Router */
function honoContender(Router) {
  return (/** @type {{ method: string, pattern: string }[]} */ routes) => {
    const router = new Router();
    for (const [index, { method, pattern }] of routes.entries()) {
      router.add(
        method,
        withColons(pattern, (name) => `:${name}{.+}`),
        index,
      );
    }
    return {
      find: (/** @type {string} */ method, /** @type {string} */ path) => router.match(method, path),
      explain: (/** @type {any} */ [handlers, stash]) => {
        if (handlers.length === 0) return null;
        // A middleware framework's router gives all routes that match; the first is the one that answers.
        const [index, params] = handlers[0];
        const names = [...routes[index].pattern.matchAll(/\{([^}*]+)/g)].map((it) => it[1]);
        return { route: index, values: names.map((it) => (stash ? stash[params[it]] : params[it])) };
      },
    };
  };
}

/** @type {Record<string, (routes: { method: string, pattern: string }[]) => Built>} */
export const contenders = {
  latchkey(routes) {
    const built = buildRouter(
      routes.map(({ method, pattern }, index) => {
        const parsed = parseRoutePattern(pattern);
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

  memoirist(routes) {
    const router = new Memoirist();
    for (const [index, { method, pattern }] of routes.entries()) {
      router.add(
        method,
        withColons(pattern, () => "*"),
        { index },
      );
    }
    return {
      find: (method, path) => router.find(method, path),
      explain: (found) =>
        found && {
          route: found.store.index,
          values: byName(found.params, routes[found.store.index].pattern, "*"),
        },
    };
  },

  rou3(routes) {
    const router = createRouter();
    for (const [index, { method, pattern }] of routes.entries()) {
      addRoute(
        router,
        method,
        withColons(pattern, (name) => `**:${name}`),
        { index },
      );
    }
    return {
      find: (method, path) => findRoute(router, method, path),
      explain: (found) =>
        found
          ? { route: found.data.index, values: byName(found.params, routes[found.data.index].pattern) }
          : null,
    };
  },

  "rou3 compiled"(routes) {
    const router = createRouter();
    for (const [index, { method, pattern }] of routes.entries()) {
      addRoute(
        router,
        method,
        withColons(pattern, (name) => `**:${name}`),
        { index },
      );
    }
    const find = compileRouter(router);
    return {
      find,
      explain: (found) =>
        found
          ? { route: found.data.index, values: byName(found.params, routes[found.data.index].pattern) }
          : null,
    };
  },

  "find-my-way"(routes) {
    const router = findMyWay();
    for (const [index, { method, pattern }] of routes.entries()) {
      router.on(
        /** @type {any} */ (method),
        withColons(pattern, () => "*"),
        () => {},
        { index },
      );
    }
    return {
      find: (method, path) => router.find(/** @type {any} */ (method), path),
      explain: (found) =>
        found && {
          route: found.store.index,
          values: byName(found.params, routes[found.store.index].pattern, "*"),
        },
    };
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
