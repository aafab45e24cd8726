/** The curl line of a first request. The key is pasted, or revealed when copying where its API is recoverable; it stays on the page. */
import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";
import { CodeBlock } from "../../ui/code-block.js";
import { CopyButton } from "../../ui/copy-button.js";
import { useRevealKey } from "../keys/use-reveal-key.js";
import { KEY_PLACEHOLDER } from "../try-it/request-parts.js";
import classes from "./first-run.module.css";
import { firstCurl } from "./first-run-steps.js";
import type { OverviewData } from "./overview-data.js";

export interface FirstCallProps {
  readonly api: OverviewData["apis"]["nodes"][number];
  readonly server: OverviewData["server"];
}

export function FirstCall({ api, server }: FirstCallProps) {
  const reveal = useRevealKey();
  const [secret, setSecret] = useState("");
  const key = api.keys.nodes[0];
  const shown = secret === "" ? KEY_PLACEHOLDER : `${secret.slice(0, 9)}…`;

  async function lineToCopy(): Promise<string | null> {
    if (key === undefined) return null;
    const known = secret !== "" ? secret : api.recoverable ? await reveal(key) : KEY_PLACEHOLDER;
    return known === null ? null : firstCurl(api, server, known);
  }

  return (
    <>
      <p>
        {api.recoverable
          ? `Copying puts the key of “${api.title}” into the line and writes that to the audit log.`
          : `Paste the key that was shown when “${api.title}” was created.`}
      </p>
      {!api.recoverable && (
        <PasswordInput
          size="xs"
          aria-label="API key"
          placeholder={key?.display ?? "lk_…"}
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value.trim())}
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": "Show or hide the key" }}
        />
      )}
      <CodeBlock label="curl line" text={firstCurl(api, server, shown)} isWrapped size="small" />
      <div className={classes.actions}>
        <CopyButton text={lineToCopy} label="Copy curl line" variant="filled" />
        <Button component={Link} to={`/apis/${api.id}?try=`} size="xs" variant="default">
          Try it here
        </Button>
      </div>
    </>
  );
}
