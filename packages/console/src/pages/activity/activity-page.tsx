/** The audit log: everything that people changed, saw or were refused. */
import { Page } from "../../ui/page.js";
import { ActivityList } from "./activity-list.js";

export function ActivityPage() {
  return (
    <Page
      title="Activity"
      description="The audit log: who changed what, saw a secret, signed in or was refused. Secrets never appear in it."
    >
      <ActivityList apiId={null} />
    </Page>
  );
}
