/** "Try it" at the side of any page of an API. The route that is tried stands in the address: `?try=GET /orders/{id}`. */
import { Drawer } from "@mantine/core";
import { useSearchParams } from "react-router";
import { Failure } from "../../ui/failure.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { useChangeParams } from "../../ui/use-change-params.js";
import { useModule } from "../../ui/use-module.js";
import { AGAIN_PARAM } from "../requests/use-recorded.js";

const loadView = () => import("./try-it-view.js");

const WIDTH = 1080;

export function TryItDrawer({ apiId }: { readonly apiId: string }) {
  const [params] = useSearchParams();
  const change = useChangeParams();
  const target = params.get("try");
  const again = params.get(AGAIN_PARAM);
  return (
    <Drawer
      opened={target !== null}
      onClose={() => change({ try: null, [AGAIN_PARAM]: null })}
      position="right"
      size={WIDTH}
      title="Try it"
      closeButtonProps={{ "aria-label": "Close “Try it”" }}
    >
      {target !== null && (
        <DrawerBody
          apiId={apiId}
          target={target}
          again={again}
          onTarget={(next) => change({ try: next }, { replace: true })}
        />
      )}
    </Drawer>
  );
}

interface DrawerBodyProps {
  readonly apiId: string;
  readonly target: string;
  readonly again: string | null;
  readonly onTarget: (target: string) => void;
}

function DrawerBody(props: DrawerBodyProps) {
  const view = useModule(loadView);
  if (view.kind === "loading") return <RowsSkeleton rows={5} />;
  if (view.kind === "failed") return <Failure error={view.error} retry={view.retry} />;
  const { TryItView } = view.module;
  return <TryItView {...props} />;
}
