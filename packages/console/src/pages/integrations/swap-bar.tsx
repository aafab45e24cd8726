/** Leads selected routes to another integration at once, and back again by Undo. */
import { CloseButton, Loader } from "@mantine/core";
import { useState } from "react";
import { useMutation } from "urql";
import { MoveRouteDocument } from "../../gen/where-used.js";
import { problemOf } from "../../graphql/problem-of.js";
import { useTrackReceipt } from "../../receipts/receipt-store.js";
import bar from "../../ui/bulk-bar.module.css";
import type { Option } from "../../ui/remote-select.js";
import { runEach } from "../../ui/run-each.js";
import classes from "./integration-form.module.css";
import { IntegrationSelect } from "./integration-select.js";
import type { RouteUse } from "./where-used-rows.js";

export interface SwapBarProps {
  readonly routes: readonly RouteUse[];
  readonly from: { readonly id: string; readonly subscription: { readonly id: string } };
  readonly onDone: () => void;
  readonly onClear: () => void;
}

export function SwapBar({ routes, from, onDone, onClear }: SwapBarProps) {
  const [isBusy, setBusy] = useState(false);
  const track = useTrackReceipt();
  const [, moveRoute] = useMutation(MoveRouteDocument);
  if (routes.length === 0) return null;
  const count = routes.length === 1 ? "1 route" : `${routes.length} routes`;

  async function lead(route: RouteUse, integrationId: string): Promise<string | null> {
    const { data, error } = await moveRoute({ input: { id: route.id, integrationId } });
    const payload = data?.updateRoute;
    track(from.id, payload?.revision ?? null);
    return problemOf(payload?.userErrors, error, "The route was not changed.");
  }

  async function swap(to: Option): Promise<void> {
    setBusy(true);
    await runEach({
      items: routes,
      noun: ["route", "routes"],
      done: `moved to “${to.label}”`,
      run: (route) => lead(route, to.id),
      undo: (route) => lead(route, from.id),
    });
    setBusy(false);
    onDone();
  }

  return (
    <section className={bar.bar} data-over-save-bar aria-label="Selected routes">
      <strong role="status">{count} selected</strong>
      <span className={bar.actions}>
        <span className={classes.swap}>
          <IntegrationSelect
            label={`Use another integration on ${count}`}
            isLabelHidden
            size="xs"
            placeholder={`Move ${count} to …`}
            subscriptionId={from.subscription.id}
            value={null}
            onChange={(to) => to !== null && to.id !== from.id && void swap(to)}
          />
        </span>
        {isBusy && <Loader size="xs" aria-label="Moving" />}
        <CloseButton size="sm" aria-label="Clear the selection" onClick={onClear} />
      </span>
    </section>
  );
}
