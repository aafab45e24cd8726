/** An address that leads nowhere. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { EmptyState } from "../ui/empty-state.js";
import { Page, Panel } from "../ui/page.js";

export function NotFoundPage({ what = "page" }: { readonly what?: string }) {
  return (
    <Page title="Not found">
      <Panel padded={false}>
        <EmptyState
          icon="search"
          title={`There is no such ${what}`}
          action={
            <Button component={Link} to="/">
              Go to the overview
            </Button>
          }
        >
          It may have been deleted, or the address was mistyped.
        </EmptyState>
      </Panel>
    </Page>
  );
}
