/** The API's OpenAPI document over the page: rendered, with its badges, to read and to download. */
import { Button, SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { useQuery } from "urql";
import { ApiOpenApiDocument } from "../../gen/openapi.js";
import { notRefreshed } from "../../graphql/refresh-exchange.js";
import { Dialog } from "../../ui/dialog.js";
import { Failure } from "../../ui/failure.js";
import { Icon } from "../../ui/icon.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { Tag } from "../../ui/tag.js";
import { useModule } from "../../ui/use-module.js";
import classes from "./openapi-overlay.module.css";
import type { OpenApiDocument } from "./openapi-types.js";
import { ServedState } from "./served-state.js";

const loadView = () => import("./document-view.js");

export interface OpenApiOverlayProps {
  /** Null: closed. */
  readonly apiId: string | null;
  readonly title: string;
  readonly onClose: () => void;
}

const versions = [
  { value: "V3_1", label: "3.1" },
  { value: "V3_0", label: "3.0" },
] as const;

type Version = (typeof versions)[number]["value"];

export function OpenApiOverlay({ apiId, title, onClose }: OpenApiOverlayProps) {
  return (
    <Dialog title="OpenAPI spec" opened={apiId !== null} onClose={onClose} size={1080}>
      {apiId !== null && <OverlayBody apiId={apiId} title={title} />}
    </Dialog>
  );
}

function OverlayBody({ apiId, title }: { readonly apiId: string; readonly title: string }) {
  const view = useModule(loadView);
  const [version, setVersion] = useState<Version>("V3_1");
  const [{ data, error }, refetch] = useQuery({
    query: ApiOpenApiDocument,
    variables: { id: apiId, version },
    requestPolicy: "network-only",
    context: notRefreshed,
  });
  const text = data?.api?.openapi;
  const document = useMemo(() => (text === undefined ? null : (JSON.parse(text) as OpenApiDocument)), [text]);

  return (
    <div className={classes.overlay}>
      <div className={classes.head}>
        <div className={classes.names}>
          <h2 className={classes.title}>{document?.info?.title ?? title}</h2>
          {document !== null && (
            <>
              <Tag tone="accent">{document.info?.version ?? "v1"}</Tag>
              <Tag tone="ok">OAS {document.openapi}</Tag>
            </>
          )}
        </div>
        <div className={classes.actions}>
          <SegmentedControl
            size="xs"
            aria-label="OpenAPI version"
            value={version}
            onChange={(value) => setVersion(value as Version)}
            data={versions.map(({ value, label }) => ({ value, label }))}
          />
          <Button
            component="a"
            href={downloadOf(apiId, "json", version)}
            download
            size="xs"
            leftSection={<Icon name="download" size={14} />}
          >
            Download JSON
          </Button>
          <Button
            component="a"
            href={downloadOf(apiId, "yaml", version)}
            download
            size="xs"
            variant="default"
          >
            YAML
          </Button>
        </div>
      </div>
      <ServedState apiId={apiId} />
      {error !== undefined && document === null && (
        <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />
      )}
      {document === null && error === undefined && <RowsSkeleton rows={4} />}
      {document !== null && view.kind === "failed" && <Failure error={view.error} retry={view.retry} />}
      {document !== null && view.kind === "loading" && <RowsSkeleton rows={4} />}
      {document !== null && view.kind === "ready" && <view.module.DocumentView document={document} />}
    </div>
  );
}

/** The control plane gives the file its name. */
function downloadOf(apiId: string, format: "json" | "yaml", version: Version): string {
  return `/apis/${apiId}/openapi.${format}?version=${version === "V3_0" ? "3.0" : "3.1"}`;
}
