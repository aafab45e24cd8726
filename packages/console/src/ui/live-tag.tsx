/** Says whether what is shown arrives by itself. */
import { useIsConnected } from "../graphql/connection.js";
import { Tag } from "./tag.js";

export function LiveTag() {
  const isConnected = useIsConnected();
  return (
    <Tag
      tone={isConnected ? "ok" : "warn"}
      dot
      title={isConnected ? "Changes arrive by themselves" : "Trying to connect"}
    >
      {isConnected ? "Live" : "Connecting"}
    </Tag>
  );
}
