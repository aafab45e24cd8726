/** Requests of one API, refused ones included. */
import { useApiHead } from "../apis/api-head.js";
import { MessageExplorer } from "./message-explorer.js";
import { RecordingPanel } from "./recording-panel.js";

export function ApiRequestsPage() {
  const api = useApiHead();
  return (
    <>
      <RecordingPanel api={api} />
      <MessageExplorer apiId={api.id} />
    </>
  );
}
