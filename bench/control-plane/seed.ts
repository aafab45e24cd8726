/** Fills the tables with APIs, routes and keys, in bulk: use cases would take an hour for a hundred thousand. */
import { createHash } from "node:crypto";
import type { Db } from "../../packages/control-plane/src/db/schema.js";
import { writeTransaction } from "../../packages/control-plane/src/db/transaction.js";
import type { Services } from "../../packages/control-plane/src/services.js";

const context = { principal: { actor: "bench", via: "internal" }, requestId: null } as const;
const BATCH = 200;
const INTEGRATIONS = 100;

const hex = (n: number) => n.toString(16).padStart(24, "0");
export const apiIdOf = (i: number) => `api_${hex(i)}`;
export const keyIdOf = (i: number) => `key_${hex(i)}`;

/** Does nothing when there are APIs already. */
export async function seed(
  db: Db,
  services: Services,
  size: { readonly apis: number; readonly routes: number },
): Promise<void> {
  const there = await db.selectFrom("api").select("id").limit(1).executeTakeFirst();
  if (there !== undefined) return;
  const atMs = Date.now();
  const stamps = { version: 1, created_at_ms: atMs, updated_at_ms: atMs };
  const ownership = { owner: "", labels: "", metadata: "{}" };
  const subscription = await services.subscriptions.create(context, { name: "Bench" });
  if (!subscription.ok) throw new Error(subscription.error[0]?.message);
  const subscriptionId = subscription.value.value.id;
  const integrationIds: string[] = [];
  for (let i = 0; i < INTEGRATIONS; i++) {
    const made = await services.integrations.create(context, {
      subscriptionId,
      name: `Integration ${i}`,
      urls: [`https://integration-${i}.example/in`],
    });
    if (!made.ok) throw new Error(made.error[0]?.message);
    integrationIds.push(made.value.value.id);
  }
  const patterns = Array.from({ length: size.routes }, (_, r) => `/resource-${r}/{id}`);
  for (let first = 0; first < size.apis; first += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, size.apis - first) }, (_, i) => first + i);
    await writeTransaction(db, async (trx) => {
      await trx
        .insertInto("api")
        .values(
          indexes.map((i) => ({
            id: apiIdOf(i),
            subscription_id: subscriptionId,
            title: `API number ${i}`,
            title_key: `api number ${i}`,
            summary: "",
            search_text: [`api number ${i}`, "", ...patterns].join("\n"),
            version_label: "v1",
            recoverable: 0 as const,
            bearer_required: 0 as const,
            openapi_served: 0 as const,
            ...ownership,
            ...stamps,
          })),
        )
        .execute();
      await trx
        .insertInto("api_key")
        .values(
          indexes.map((i) => ({
            id: keyIdOf(i),
            api_id: apiIdOf(i),
            name: "default",
            name_key: "default",
            digest: createHash("sha256").update(`key ${i}`).digest(),
            display: "lk_bench…",
            active: 1 as const,
            mode: "header" as const,
            expires_at_ms: null,
            previous_digest: null,
            previous_not_after_ms: null,
            sealed_secret: null,
            rate_limit: null,
            quota: null,
            last_used_at_ms: null,
            ...ownership,
            ...stamps,
          })),
        )
        .execute();
      for (const i of indexes)
        await trx
          .insertInto("route")
          .values(
            patterns.map((pattern, r) => ({
              id: `rte_${hex(i * size.routes + r)}`,
              api_id: apiIdOf(i),
              position: r,
              method: r % 2 === 0 ? "GET" : "POST",
              pattern,
              normalized_key: `/resource-${r}/{}`,
              integration_id: integrationIds[(i + r) % INTEGRATIONS] ?? "",
              operation_id: `operation${r}`,
              operation: null,
              response_validation: "off",
              validate: 0 as const,
            })) as never,
          )
          .execute();
    });
  }
}
