/** Requests of one API, refused ones included. */
import { useApiHead } from "../apis/api-head.js";
import { MessageExplorer } from "./message-explorer.js";

export function ApiRequestsPage() {
  const api = useApiHead();
  return <MessageExplorer apiId={api.id} />;
}
