/** Removes nodes: their tokens are refused from then on, which cannot be undone. */

import { useState } from "react";
import { useMutation } from "urql";
import { DeleteNodeDocument } from "../../gen/nodes.js";
import { problemOf } from "../../graphql/problem-of.js";
import { ConfirmDialog } from "../../ui/confirm-dialog.js";
import { toast } from "../../ui/toasts.js";

export const REMOVAL =
  "Its token is refused at once and its stream closes. The process continues to serve with its last revision: stop it as well.";

interface NamedNode {
  readonly id: string;
  readonly name: string;
}

/** Null, or why a node was not removed. */
export function useRemoveNode(): (node: NamedNode) => Promise<string | null> {
  const [, remove] = useMutation(DeleteNodeDocument);
  return async ({ id }) => {
    const { data, error } = await remove({ input: { id } });
    return problemOf(data?.deleteNode.userErrors, error, "Nothing was removed.");
  };
}

export interface RemoveNodeProps {
  readonly node: NamedNode | null;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function RemoveNode({ node, onClose, onDone }: RemoveNodeProps) {
  const remove = useRemoveNode();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function confirm(): Promise<void> {
    if (node === null) return;
    setBusy(true);
    const refusal = await remove(node);
    setBusy(false);
    setProblem(refusal);
    if (refusal !== null) return;
    toast(`“${node.name}” is removed`);
    onDone();
    onClose();
  }

  return (
    <ConfirmDialog
      opened={node !== null}
      title="Remove this node?"
      confirmLabel="Remove node"
      isDangerous
      isBusy={isBusy}
      problem={problem}
      onConfirm={() => void confirm()}
      onClose={() => {
        setProblem(null);
        onClose();
      }}
    >
      <p className="lk-muted">{REMOVAL}</p>
    </ConfirmDialog>
  );
}
