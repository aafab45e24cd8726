/** APIs, routes and keys by the hundred thousand, and changes to them with a digest kept up in O(changed). */
import { DigestSum, encodeResource, type Resource, type ResourceRecord } from "@latchkey/snapshot";
import { aKey, anApi, anIntegration, aRoute, type SnapshotServer } from "@latchkey/testkit";

const INTEGRATIONS = 100;
const hex = (n: number): string => n.toString(16).padStart(24, "0");

export interface Size {
  readonly apis: number;
  readonly routesOfApi: number;
  readonly upstreamPort: number;
  /** The secret of the key of the API with this index. */
  readonly secretOf: (api: number) => string;
}

export class Feed {
  readonly #server: SnapshotServer;
  readonly #size: Size;
  readonly #digest = new DigestSum();
  readonly #apis: ResourceRecord[] = [];
  #edits = 0;

  constructor(server: SnapshotServer, size: Size) {
    this.#server = server;
    this.#size = size;
    const records: ResourceRecord[] = [];
    for (let i = 0; i < INTEGRATIONS; i++) records.push(encodeResource(this.#integration(i)));
    for (let i = 0; i < size.apis; i++) {
      this.#apis.push(encodeResource(this.#api(i, "")));
      records.push(encodeResource(this.#key(i)));
    }
    server.load([...records, ...this.#apis]);
    for (const record of records) this.#digest.add(record);
    for (const record of this.#apis) this.#digest.add(record);
  }

  /** Changes the titles of `count` APIs and sends them as one delta. Gives the number of the new revision. */
  change(count: number): number {
    const from = this.#server.revision;
    const upserts: ResourceRecord[] = [];
    for (let n = 0; n < count; n++) {
      const i = (this.#edits++ * 7919) % this.#size.apis;
      const record = encodeResource(this.#api(i, ` edited ${this.#edits}`));
      this.#digest.remove(this.#apis[i] as ResourceRecord);
      this.#digest.add(record);
      this.#apis[i] = record;
      upserts.push(record);
    }
    this.#server.load(upserts);
    const to = this.#server.revision;
    this.#server.broadcast({
      message: {
        $case: "delta",
        value: {
          from: { epoch: BigInt(from.epoch), number: BigInt(from.number) },
          to: { epoch: BigInt(to.epoch), number: BigInt(to.number) },
          upserts: upserts.map((record) => ({ ...record, body: Buffer.from(record.body) })),
          removals: [],
          digest: Buffer.from(this.#digest.bytes()),
          signature: Buffer.alloc(0),
        },
      },
    });
    return to.number;
  }

  /** Resolves when a node has acknowledged this revision or a later one. */
  acknowledged(number: number): Promise<unknown> {
    return this.#server.when(() => Number(this.#server.acks.at(-1)?.revision?.number ?? -1n) >= number);
  }

  #integration(i: number): Resource {
    return anIntegration(`int_${hex(i)}`, `http://127.0.0.1:${this.#size.upstreamPort}/in/${i}`);
  }

  #api(i: number, edit: string): Resource {
    const routes = Array.from({ length: this.#size.routesOfApi }, (_, k) => ({
      ...aRoute(
        k % 2 === 0 ? "GET" : "POST",
        k === 0 ? "/orders/{orderId}" : `/things/${k}/of/{owner}`,
        `int_${hex((i + k) % INTEGRATIONS)}`,
      ),
      id: `rte_${hex(i * this.#size.routesOfApi + k)}`,
    }));
    return anApi(`api_${hex(i)}`, routes, { title: `API number ${i}${edit}` });
  }

  #key(i: number): Resource {
    return aKey(`key_${hex(i)}`, `api_${hex(i)}`, {}, this.#size.secretOf(i)).resource;
  }
}
