/**
 * The shared table of cases: what a router has to answer, by the rules of docs/routing.md.
 * Run against the router and against the oracle. Paths are as `normalizePath` leaves them.
 */

export interface RouterCases {
  readonly promise: string;
  /** `METHOD /pattern`; a route's value in the tests is this text. */
  readonly routes: readonly string[];
  /**
   * `METHOD /path` to what is found: the route's text and the parameters' values, or `405` and the
   * allowed methods, or `404`.
   */
  readonly requests: Readonly<Record<string, readonly string[]>>;
}

export const routerCases: readonly RouterCases[] = [
  {
    promise: "no routes match nothing",
    routes: [],
    requests: { "GET /": ["404"], "GET /a": ["404"], "GET /a/b": ["404"] },
  },
  {
    promise: "a static pattern matches its path only",
    routes: ["GET /", "GET /a", "GET /a/b", "GET /ab", "GET /A"],
    requests: {
      "GET /": ["GET /"],
      "GET /a": ["GET /a"],
      "GET /A": ["GET /A"],
      "GET /ab": ["GET /ab"],
      "GET /a/b": ["GET /a/b"],
      "GET /b": ["404"],
      "GET /aa": ["404"],
      "GET /abc": ["404"],
      "GET /a/": ["404"],
      "GET //": ["404"],
      "GET //a": ["404"],
      "GET /a//b": ["404"],
      "GET /a/b/c": ["404"],
      "GET ": ["404"],
      "GET a": ["404"],
    },
  },
  {
    promise: "a parameter takes one whole segment that is not empty",
    routes: ["GET /{a}", "GET /x/{b}/y", "GET /x/{b}/y/{c}"],
    requests: {
      "GET /1": ["GET /{a}", "1"],
      "GET /x": ["GET /{a}", "x"],
      "GET /": ["404"],
      "GET /x/1": ["404"],
      "GET /x/1/y": ["GET /x/{b}/y", "1"],
      "GET /x//y": ["404"],
      "GET /x/1/y/2": ["GET /x/{b}/y/{c}", "1", "2"],
      "GET /x/1/y/": ["404"],
      "GET /x/1/y//": ["404"],
      "GET /x/1/y/2/": ["404"],
      "GET /x/1/yy": ["404"],
      "GET /x/%2F/y": ["GET /x/{b}/y", "%2F"],
      "GET /x/a;b=c,d/y": ["GET /x/{b}/y", "a;b=c,d"],
    },
  },
  {
    promise: "the rest takes everything to the end, at least one character, which is not a slash",
    routes: ["GET /f/{path*}", "GET /{a}/g/{path*}"],
    requests: {
      "GET /f": ["404"],
      "GET /f/": ["404"],
      "GET /f//": ["404"],
      "GET /f//a": ["404"],
      "GET /f/a": ["GET /f/{path*}", "a"],
      "GET /f/a/b.txt": ["GET /f/{path*}", "a/b.txt"],
      "GET /f/a//b": ["GET /f/{path*}", "a//b"],
      "GET /f/a//": ["GET /f/{path*}", "a//"],
      "GET /1/g/2/3": ["GET /{a}/g/{path*}", "1", "2/3"],
      "GET /1/g": ["404"],
      "GET /ff/a": ["404"],
    },
  },
  {
    promise: "the rest of the root takes all but the root",
    routes: ["GET /{all*}"],
    requests: {
      "GET /": ["404"],
      "GET /a": ["GET /{all*}", "a"],
      "GET //a": ["404"],
      "GET /a/b": ["GET /{all*}", "a/b"],
    },
  },
  {
    promise: "static beats parameter beats rest, decided segment by segment from the left",
    routes: [
      "GET /a/b/c",
      "GET /a/b/{z}",
      "GET /a/{y}/c",
      "GET /a/{y}/{z}",
      "GET /a/{rest*}",
      "GET /{x}/b/c",
      "GET /{rest*}",
    ],
    requests: {
      "GET /a/b/c": ["GET /a/b/c"],
      "GET /a/b/1": ["GET /a/b/{z}", "1"],
      "GET /a/1/c": ["GET /a/{y}/c", "1"],
      "GET /a/1/2": ["GET /a/{y}/{z}", "1", "2"],
      "GET /1/b/c": ["GET /{x}/b/c", "1"],
      "GET /a/b/c/d": ["GET /a/{rest*}", "b/c/d"],
      "GET /a/b": ["GET /a/{rest*}", "b"],
      "GET /a": ["GET /{rest*}", "a"],
      "GET /1/b/d": ["GET /{rest*}", "1/b/d"],
    },
  },
  {
    promise: "what looks promising is left again when it leads nowhere",
    routes: ["GET /users/new/x", "GET /users/{id}", "GET /user-list", "GET /{a}/{b}/{c}/d", "GET /a/{b*}"],
    requests: {
      "GET /users/new": ["GET /users/{id}", "new"],
      "GET /users/news": ["GET /users/{id}", "news"],
      "GET /user-lost": ["404"],
      "GET /users/new/y/d": ["GET /{a}/{b}/{c}/d", "users", "new", "y"],
      "GET /a/1/2/d": ["GET /a/{b*}", "1/2/d"],
      "GET /a/1/2/e": ["GET /a/{b*}", "1/2/e"],
    },
  },
  {
    promise: "values left behind by an abandoned way do not come along",
    routes: ["GET /{a}/{b}/x", "GET /{a}/s/{c}/y", "GET /{r*}"],
    requests: {
      "GET /1/s/2/y": ["GET /{a}/s/{c}/y", "1", "2"],
      "GET /1/s/x": ["GET /{a}/{b}/x", "1", "s"],
      "GET /1/s/2/z": ["GET /{r*}", "1/s/2/z"],
    },
  },
  {
    promise: "static segments after one another are not mixed up with longer or shorter ones",
    routes: ["GET /{a}/team", "GET /{a}/teams", "GET /{a}/teams/x", "GET /{a}/tea"],
    requests: {
      "GET /1/tea": ["GET /{a}/tea", "1"],
      "GET /1/team": ["GET /{a}/team", "1"],
      "GET /1/teams": ["GET /{a}/teams", "1"],
      "GET /1/te": ["404"],
      "GET /1/teamsx": ["404"],
      "GET /1/teams/x": ["GET /{a}/teams/x", "1"],
      "GET /1/teams/": ["404"],
    },
  },
  {
    promise: "an explicit method comes before ANY on the same pattern, whatever their order",
    routes: ["ANY /a", "GET /a", "POST /b/{x}", "ANY /b/{y}"],
    requests: {
      "GET /a": ["GET /a"],
      "POST /a": ["ANY /a"],
      "PROPFIND /a": ["ANY /a"],
      "POST /b/1": ["POST /b/{x}", "1"],
      "GET /b/1": ["ANY /b/{y}", "1"],
    },
  },
  {
    promise: "ANY on a better pattern comes before an explicit method on a worse one",
    routes: ["ANY /a/b", "GET /a/{x}", "ANY /{y*}"],
    requests: {
      "GET /a/b": ["ANY /a/b"],
      "GET /a/c": ["GET /a/{x}", "c"],
      "POST /a/c": ["ANY /{y*}", "a/c"],
    },
  },
  {
    promise: "a pattern without the method gives way to the next one that has it",
    routes: ["POST /a/b", "GET /a/{x}", "PUT /a/{rest*}", "POST /{y}/b"],
    requests: {
      "POST /a/b": ["POST /a/b"],
      "GET /a/b": ["GET /a/{x}", "b"],
      "PUT /a/b": ["PUT /a/{rest*}", "b"],
      "POST /a/c": ["405", "GET", "PUT"],
      "DELETE /a/b": ["405", "GET", "POST", "PUT"],
      "DELETE /c/b": ["405", "POST"],
      "DELETE /a/b/c": ["405", "PUT"],
      "DELETE /a": ["404"],
    },
  },
  {
    promise: "methods are compared exactly",
    routes: ["GET /a", "M-SEARCH /a"],
    requests: {
      "get /a": ["405", "GET", "M-SEARCH"],
      "M-SEARCH /a": ["M-SEARCH /a"],
      "HEAD /a": ["405", "GET", "M-SEARCH"],
    },
  },
  {
    promise: "percent-encodings are compared as text",
    routes: ["GET /a%2Fb", "GET /a/b", "GET /bl%C3%A5b%C3%A6r/{x}"],
    requests: {
      "GET /a%2Fb": ["GET /a%2Fb"],
      "GET /a/b": ["GET /a/b"],
      "GET /bl%C3%A5b%C3%A6r/%C3%B8": ["GET /bl%C3%A5b%C3%A6r/{x}", "%C3%B8"],
    },
  },
  {
    promise: "more children than a list holds are told apart, and what lies between them is not found",
    routes: ["a", "c", "e", "g", "i", "k", "m", "o", "~"].map((it) => `GET /{p}/${it}x/{q}`),
    requests: {
      "GET /1/ax/2": ["GET /{p}/ax/{q}", "1", "2"],
      "GET /1/ox/2": ["GET /{p}/ox/{q}", "1", "2"],
      "GET /1/~x/2": ["GET /{p}/~x/{q}", "1", "2"],
      "GET /1/bx/2": ["404"],
      "GET /1/!x/2": ["404"],
      "GET /1/\u00e6x/2": ["404"],
    },
  },
];
