/** The facts of a key in a row: state, secret, mode, last use with its node, expiry. */
import type { ReactNode } from "react";
import { useReceipt } from "../../receipts/receipt-store.js";
import { useNow } from "../../ui/clock.js";
import { Tag } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import classes from "./key-page.module.css";
import { keyState } from "./key-state.js";
import type { KeyPageData } from "./use-key-page.js";

export function KeyFacts({ apiKey }: { readonly apiKey: NonNullable<KeyPageData["apiKey"]> }) {
  const { label, tone } = keyState(apiKey, useNow());
  const receipt = useReceipt(apiKey.id);
  const isInForce = receipt === null || receipt.state.kind === "inForce";
  const { lastUsedAt, lastUsedNode, expiresAt } = apiKey;
  return (
    <dl className={classes.facts}>
      <Fact label="State">
        <Tag tone={isInForce ? tone : "neutral"} dot>
          {label}
        </Tag>
      </Fact>
      <Fact label="Secret">
        <code>{apiKey.display}</code>
      </Fact>
      <Fact label="Mode">{apiKey.mode === "WEBHOOK" ? "Webhook" : "Header"}</Fact>
      <Fact label="Last used">
        {lastUsedAt === null ? "Never" : <TimeAgo at={lastUsedAt} />}
        {lastUsedNode !== null && <span className={classes.factDetail}>on {lastUsedNode}</span>}
      </Fact>
      <Fact label="Expires">{expiresAt === null ? "Never" : <TimeAgo at={expiresAt} />}</Fact>
      <Fact label="Created">
        <TimeAgo at={apiKey.createdAt} />
      </Fact>
    </dl>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
