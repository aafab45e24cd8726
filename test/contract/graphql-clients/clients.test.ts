/**
 * urql with graphcache and Apollo Client, set up as docs/graphql.md shows, against a control plane: the page's examples as
 * graphql-codegen makes them, pages, user errors, changes that reach the cache, and live queries.
 */
import { Client, type CombinedError, fetchExchange, gql } from "@urql/core";
import {
  buildClientSchema,
  buildSchema,
  type IntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
} from "graphql";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { createApolloClient } from "./apollo-client.js";
import { type Documents, generate, load, schemaText } from "./generated.js";
import { examples, Placeholders } from "./page.js";
import { startServer, type TestServer, TOKEN } from "./server.js";
import { createUrqlClient } from "./urql-client.js";

// Node.js has one from version 22 on.
globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;

type Document = Documents[string];
type Data = Record<string, unknown>;
type Variables = Readonly<Record<string, unknown>>;

/** What the tests do with each client, in its own words. */
interface Subject {
  readonly name: string;
  open(url: string, token: string, schema: IntrospectionQuery): Opened;
}
interface Opened {
  /** @throws with `codes` when the response has errors */
  run(document: Document, variables: Variables): Promise<Data>;
  /** Calls with the data of a query now and whenever the cache has other data. `more` asks for a further page. */
  watch(document: Document, variables: Variables, onData: (data: Data) => void): Watched;
  listen(document: Document, onData: (data: Data) => void): () => void;
  /** Asks for the lists of APIs again, where the client's set-up does not do it. */
  reload(): void;
}
interface Watched {
  more(variables: Variables): void;
  stop(): void;
}
class Failed extends Error {
  constructor(readonly codes: readonly unknown[]) {
    super(`failed with ${codes.join(", ")}`);
  }
}

const kindOf = (document: Document): string => {
  const [definition] = document?.definitions ?? [];
  return definition?.kind === "OperationDefinition" ? definition.operation : "";
};

const urql: Subject = {
  name: "urql with graphcache",
  open(url, token, schema) {
    const client = createUrqlClient(url, token, schema);
    return {
      async run(document, variables) {
        const send = kindOf(document) === "query" ? client.query : client.mutation;
        const { data, error } = await send.call(client, document, variables);
        if (error !== undefined)
          throw new Failed(error.graphQLErrors.map(({ extensions }) => extensions.code));
        return data as Data;
      },
      watch(document, variables, onData) {
        const pages = [variables].map((one) => ask(one));
        function ask(one: Variables): { unsubscribe: () => void } {
          return client.query(document, one).subscribe(({ data }) => {
            if (data !== undefined) onData(data as Data);
          });
        }
        return {
          more: (one) => void pages.push(ask(one)),
          stop: () => {
            for (const page of pages) page.unsubscribe();
          },
        };
      },
      listen: (document, onData) =>
        client.subscription(document, {}).subscribe(({ data }) => {
          if (data !== undefined) onData(data as Data);
        }).unsubscribe,
      reload: () => {},
    };
  },
};

const apollo: Subject = {
  name: "Apollo Client",
  open(url, token, schema) {
    const client = createApolloClient(url, token, schema);
    return {
      async run(document, variables) {
        try {
          const { data } =
            kindOf(document) === "query"
              ? await client.query({ query: document, variables })
              : await client.mutate({ mutation: document, variables });
          return data as Data;
        } catch (error) {
          const { errors = [] } = error as { errors?: readonly { extensions?: { code?: unknown } }[] };
          throw new Failed(errors.map(({ extensions }) => extensions?.code));
        }
      },
      watch(document, variables, onData) {
        const query = client.watchQuery({ query: document, variables });
        const watched = query.subscribe(({ data, dataState }) => {
          if (dataState === "complete") onData(data as Data);
        });
        return {
          more: (one) => void query.fetchMore({ variables: one }),
          stop: () => watched.unsubscribe(),
        };
      },
      listen(document, onData) {
        const heard = client.subscribe({ query: document }).subscribe(({ data }) => onData(data as Data));
        return () => heard.unsubscribe();
      },
      reload: () => void client.cache.evict({ fieldName: "apis" }),
    };
  },
};

const apisQuery = gql`
  query Pages($first: Int!, $after: String) {
    apis(first: $first, after: $after, orderBy: { field: TITLE, direction: ASC }) {
      totalCount
      edges { cursor node { id title } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;
const rename = gql`
  mutation Rename($input: UpdateApiInput!) {
    updateApi(input: $input) { api { id title version } userErrors { code field } }
  }
`;
const create = gql`
  mutation Create($input: CreateApiInput!) {
    createApi(input: $input) { api { id title version } userErrors { code field } }
  }
`;
const remove = gql`
  mutation Remove($input: DeleteApiInput!) {
    deleteApi(input: $input) { deletedApiId userErrors { code } }
  }
`;
const nodesQuery = gql`
  query Nodes { ingressNodes(first: 10) { nodes { id name status } } }
`;
const createNode = gql`
  mutation CreateNode($input: CreateNodeInput!) { createNode(input: $input) { node { id name status } userErrors { code } } }
`;

interface ApiPage {
  readonly apis: {
    readonly totalCount: number;
    readonly edges: readonly { readonly node: { readonly id: string; readonly title: string } }[];
    readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
  };
}
const titlesOf = (data: Data | undefined): readonly string[] =>
  (data as ApiPage | undefined)?.apis.edges.map(({ node }) => node.title) ?? [];

/** The newest data that was given, and what resolves once some data fit. */
class Seen {
  #last: Data | undefined;
  #waiting: (() => void)[] = [];
  readonly add = (data: Data): void => {
    this.#last = data;
    for (const look of this.#waiting) look();
  };
  get last(): Data | undefined {
    return this.#last;
  }
  until(fits: (data: Data) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.#last !== undefined && fits(this.#last)) resolve();
      };
      this.#waiting.push(look);
      look();
    });
  }
}

let documents: Documents;
let warned: string[] = [];
const watchWarnings = (...words: unknown[]) => void warned.push(words.map(String).join(" "));

beforeAll(async () => {
  documents = (await load(await generate())) as Documents;
  vi.spyOn(console, "warn").mockImplementation(watchWarnings);
  vi.spyOn(console, "error").mockImplementation(watchWarnings);
});
afterAll(() => vi.restoreAllMocks());

describe.each([urql, apollo])("$name", ({ open }) => {
  let server: TestServer;
  let schema: IntrospectionQuery;
  let client: Opened;
  let fetches: { readonly mock: { readonly calls: readonly unknown[] } };
  const placeholders = new Placeholders();

  beforeAll(async () => {
    server = await startServer();
    schema = await server.introspect();
    fetches = vi.spyOn(globalThis, "fetch");
  });
  afterAll(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    warned = [];
    client = open(server.url, TOKEN, schema);
  });

  it("takes the introspection result of the control plane, which is that of schema.graphql", () => {
    expect(printSchema(lexicographicSortSchema(buildClientSchema(schema)))).toBe(
      printSchema(lexicographicSortSchema(buildSchema(schemaText))),
    );
  });

  it.each(examples)("runs the page's $name without a warning", async ({ name, variables, isLive }) => {
    const document = documents[`${name}Document`] as Document;
    if (isLive) {
      const seen = new Seen();
      const stop = client.listen(document, seen.add);
      await seen.until(() => true);
      stop();
    } else {
      const data = await client.run(document, placeholders.fill(variables));
      for (const field of Object.values(data as Record<string, { userErrors?: unknown } | null>)) {
        expect(field).not.toBeNull();
        if (field?.userErrors !== undefined) expect(field.userErrors).toEqual([]);
      }
      placeholders.remember(data);
    }
    expect(warned).toEqual([]);
  });

  it("joins pages, shows a change without asking again, a creation and a deletion after it, and names user errors", async () => {
    const subscriptionId = placeholders.fill('{ "id": "<subscription>" }').id;
    const titles = ["a", "b", "c", "d"].map((letter) => `${letter} of pages`);
    for (const title of titles)
      await server.post("mutation ($input: CreateApiInput!) { createApi(input: $input) { secret } }", {
        input: { subscriptionId, title },
      });
    const seen = new Seen();
    const pages = client.watch(apisQuery, { first: 2 }, seen.add);
    await seen.until((data) => titlesOf(data).length === 2);
    const { edges, pageInfo } = (seen.last as unknown as ApiPage).apis;
    expect(pageInfo.hasNextPage).toBe(true);
    pages.more({ first: 2, after: pageInfo.endCursor });
    await seen.until((data) => titlesOf(data).length === 4);
    expect(titlesOf(seen.last)).toEqual(titles);

    const before = fetches.mock.calls.length;
    const id = edges[0]?.node.id ?? "";
    await client.run(rename, { input: { id, title: "a, renamed" } });
    await seen.until((data) => titlesOf(data)[0] === "a, renamed");
    // The change itself.
    expect(fetches.mock.calls.length - before).toBe(1);

    const { totalCount } = (seen.last as unknown as ApiPage).apis;
    const shows = (first: string, total: number) => (data: Data) =>
      titlesOf(data)[0] === first && (data as unknown as ApiPage).apis.totalCount === total;
    await client.run(create, { input: { subscriptionId, title: "a, created" } });
    client.reload();
    await seen.until(shows("a, created", totalCount + 1));
    await client.run(remove, { input: { id } });
    client.reload();
    await seen.until((data) => shows("a, created", totalCount)(data) && titlesOf(data)[1] === titles[1]);

    const { updateApi } = (await client.run(rename, { input: { id, title: "" } })) as {
      updateApi: { api: unknown; userErrors: readonly { code: string; field: readonly string[] }[] };
    };
    expect(updateApi.api).toBeNull();
    expect(updateApi.userErrors.map(({ code }) => code)).toContain("NOT_FOUND");
    expect(warned).toEqual([]);
    pages.stop();
  });

  it("hears of a change over a live query", async () => {
    const seen = new Seen();
    const shown = client.watch(nodesQuery, {}, seen.add);
    await seen.until(() => true);
    const heard = new Seen();
    const stopLive = client.listen(documents.NodesDocument as Document, heard.add);
    await heard.until(() => true);
    await client.run(createNode, { input: { name: `node of ${open.name}` } });
    const isTold = (data: Data): boolean => JSON.stringify(data).includes(`node of ${open.name}`);
    await heard.until(isTold);
    expect(warned).toEqual([]);
    stopLive();
    shown.stop();
  });

  it("shows the code of a request that is refused", async () => {
    const viewer = gql`query Who { viewer { actor } }`;
    await expect(open(server.url, "wrong", schema).run(viewer, {})).rejects.toMatchObject({
      codes: ["UNAUTHENTICATED"],
    });
    const large = gql`
      query Large {
        apis(first: 100) { nodes { id keys(first: 100) { nodes { id api { id keys(first: 100) { nodes { id } } } } } } }
      }
    `;
    await expect(client.run(large, {})).rejects.toMatchObject({ codes: ["OPERATION_TOO_LARGE"] });
    const tooMany = gql`query TooMany { apis(first: 1000) { nodes { id } } }`;
    await expect(client.run(tooMany, {})).rejects.toMatchObject({ codes: ["BAD_USER_INPUT"] });
  });
});

describe("urql as it comes", () => {
  it("sends queries by GET, and gets the reason when it sends one over HTTP", async () => {
    await using server = await startServer();
    const client = new Client({
      url: server.url,
      fetchOptions: { headers: { authorization: `Bearer ${TOKEN}` } },
      fetchSubscriptions: true,
      exchanges: [fetchExchange],
    });
    const { data } = await client.query(gql`query Who { viewer { actor } }`, {});
    expect(data).toEqual({ viewer: { actor: "admin" } });
    const error = await new Promise<CombinedError | undefined>((resolve) => {
      client
        .subscription(gql`subscription Live { nodesChanged { id } }`, {})
        .subscribe((result) => resolve(result.error));
    });
    expect(error?.graphQLErrors.map(({ extensions }) => extensions.code)).toEqual(["BAD_REQUEST"]);
    expect(error?.message).toContain("WebSocket");
  });
});
