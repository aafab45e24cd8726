/** Shown when a page throws: says so, offers a fresh start. A chunk that is gone means a newer console: reload. */
import { Button } from "@mantine/core";
import { useEffect } from "react";
import { useRouteError } from "react-router";
import { EmptyState } from "../ui/empty-state.js";
import { Page, Panel } from "../ui/page.js";

export function CrashPage() {
  const error = useRouteError();
  useEffect(() => {
    console.error(error);
  }, [error]);
  return (
    <Page title="Something went wrong">
      <Panel padded={false}>
        <EmptyState
          icon="alert-triangle"
          title="This page could not be shown"
          action={<Button onClick={() => window.location.reload()}>Load again</Button>}
        >
          The console may have been updated while it was open. Nothing was changed on the control plane.
        </EmptyState>
      </Panel>
    </Page>
  );
}
