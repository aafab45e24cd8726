/** A request at the side of the list. Its interchange id stands in the address, so that a link leads to it. */
import { Drawer } from "@mantine/core";
import { useQuery } from "urql";
import { MessageDocument, type MessageRowFragment } from "../../gen/requests.js";
import { Failure } from "../../ui/failure.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { MessageDetails } from "./message-details.js";

export interface MessageDrawerProps {
  /** Null: closed. */
  readonly interchangeId: string | null;
  /** The request, if the list shows it: another one may have the same id. */
  readonly listed: MessageRowFragment | null;
  readonly onClose: () => void;
}

export function MessageDrawer({ interchangeId, listed, onClose }: MessageDrawerProps) {
  const [{ data, fetching, error }, refetch] = useQuery({
    query: MessageDocument,
    variables: { interchangeId: interchangeId ?? "" },
    pause: interchangeId === null,
    requestPolicy: "network-only",
  });
  const found = data?.message?.interchangeId === interchangeId ? (data?.message ?? null) : null;
  const message = listed ?? found;
  return (
    <Drawer
      opened={interchangeId !== null}
      onClose={onClose}
      position="right"
      size="xl"
      title="Request"
      closeButtonProps={{ "aria-label": "Close the request" }}
    >
      {message !== null && <MessageDetails message={message} server={data?.server ?? null} />}
      {message === null && fetching && <RowsSkeleton rows={4} />}
      {message === null && error !== undefined && (
        <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />
      )}
      {message === null && !fetching && error === undefined && (
        <p className="lk-muted">
          No request with the interchange id <code className="lk-break">{interchangeId}</code> is kept. It may
          be too old, or its node reported others of that second.
        </p>
      )}
    </Drawer>
  );
}
