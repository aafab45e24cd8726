/** What was done to one API and its keys. */
import { useApiHead } from "../apis/api-head.js";
import { ActivityList } from "./activity-list.js";

export function ApiActivityPage() {
  const api = useApiHead();
  return (
    <ActivityList
      apiId={api.id}
      title="Activity"
      description="Changes of this API and of its keys, deleted ones included."
    />
  );
}
