/** Sends a request to an API through the ingress and shows what came back. Keeps no key. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { useQuery } from "urql";
import { TryItApiDocument } from "../../gen/try-it.js";
import { EmptyState } from "../../ui/empty-state.js";
import { Failure } from "../../ui/failure.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { formOfRecorded } from "../requests/recorded-request.js";
import { readAgain, recordedRequest, useRecorded } from "../requests/use-recorded.js";
import { RequestEditor } from "./request-editor.js";
import { findTarget } from "./target.js";

export interface TryItViewProps {
  readonly apiId: string;
  /** `GET /orders/{id}`; empty: any route. */
  readonly target: string;
  /** The message that is sent again, as the address has it; null: none. */
  readonly again: string | null;
  readonly onTarget: (target: string) => void;
}

export function TryItView({ apiId, target, again, onTarget }: TryItViewProps) {
  const recorded = useRecorded(readAgain(again));
  const [{ data, error }, refetch] = useQuery({
    query: TryItApiDocument,
    variables: { id: apiId },
    requestPolicy: "cache-and-network",
  });
  const api = data?.api ?? null;
  if (data === undefined || api === null || recorded.isLoading) {
    if (error === undefined) return <RowsSkeleton rows={5} />;
    return <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />;
  }
  const found = findTarget(api.routes, target);
  if (found === null)
    return (
      <EmptyState
        icon="player-play"
        title="Nothing to try yet"
        action={
          <Button component={Link} to={`/apis/${apiId}`}>
            Add a route
          </Button>
        }
      >
        This API has no routes. Add one, then send a request to it from here.
      </EmptyState>
    );
  const request = recorded.message === null ? null : recordedRequest(recorded.message);
  return (
    <RequestEditor
      key={again}
      api={api}
      server={data.server}
      target={found}
      filled={request && formOfRecorded(found.route.path, request, data.server.keyHeader)}
      onTarget={onTarget}
    />
  );
}
