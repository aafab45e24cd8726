/** Creates a node or gives one a new token; the token is shown once. */
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";
import { useMutation } from "urql";
import { CreateNodeDocument, RegenerateNodeTokenDocument } from "../../gen/nodes.js";
import { problemOf } from "../../graphql/problem-of.js";
import { Dialog, DialogActions } from "../../ui/dialog.js";
import { SecretDialog } from "../../ui/secret-dialog.js";

export type TokenRequest =
  | { readonly kind: "create" }
  | { readonly kind: "regenerate"; readonly id: string; readonly name: string };

export interface NodeTokenDialogsProps {
  /** Null: closed. */
  readonly request: TokenRequest | null;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function NodeTokenDialogs({ request, onClose, onDone }: NodeTokenDialogsProps) {
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [token, setToken] = useState<string | null>(null);
  const [creating, create] = useMutation(CreateNodeDocument);
  const [regenerating, regenerate] = useMutation(RegenerateNodeTokenDocument);
  useEffect(() => {
    if (request === null) return;
    setName("");
    setProblem(null);
  }, [request]);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (request === null) return;
    const { payload, error } =
      request.kind === "create"
        ? await create({ input: { name } }).then((result) => ({
            payload: result.data?.createNode,
            error: result.error,
          }))
        : await regenerate({ input: { id: request.id } }).then((result) => ({
            payload: result.data?.regenerateNodeToken,
            error: result.error,
          }));
    if (payload?.token == null) return setProblem(problemOf(payload?.userErrors, error));
    setToken(payload.token);
    onDone();
  }

  function close(): void {
    setToken(null);
    onClose();
  }

  const isNew = request?.kind === "create";
  return (
    <>
      <Dialog
        title={isNew ? "New node" : "Regenerate the token?"}
        opened={request !== null && token === null}
        onClose={close}
      >
        <form onSubmit={(event) => void submit(event)} noValidate>
          {isNew ? (
            <TextInput
              label="Name"
              description="A unique name."
              withAsterisk
              placeholder="ingress-eu-1"
              value={name}
              error={problem}
              onChange={(event) => {
                setName(event.currentTarget.value);
                setProblem(null);
              }}
              autoComplete="off"
              data-autofocus
            />
          ) : (
            <>
              <p className="lk-muted">
                “{request?.kind === "regenerate" ? request.name : ""}” gets a new token. The old one is
                refused at once and its stream closes. The node continues to serve, but receives no changes
                until it is started with the new token.
              </p>
              {problem !== null && (
                <p className="lk-problem" role="alert">
                  {problem}
                </p>
              )}
            </>
          )}
          <DialogActions>
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={creating.fetching || regenerating.fetching}
              color={isNew ? "indigo" : "red"}
            >
              {isNew ? "Create node" : "Regenerate token"}
            </Button>
          </DialogActions>
        </form>
      </Dialog>
      <SecretDialog title="The node's token" secret={token} noun="token" onClose={close} />
    </>
  );
}
