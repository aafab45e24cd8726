/** Requests that nodes reported one by one, of all APIs and of clients without a known key. */
import { Page } from "../../ui/page.js";
import { MessageExplorer } from "./message-explorer.js";

export function RequestsPage() {
  return (
    <Page
      title="Requests"
      description="Every request that nodes report, refused ones included. Headers and bodies are shown only while an API records them."
    >
      <MessageExplorer apiId={null} />
    </Page>
  );
}
