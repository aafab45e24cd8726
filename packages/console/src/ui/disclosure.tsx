/** A part that opens and closes. What is inside is made when it is first opened, so that a thousand closed ones are cheap. */
import { type ReactNode, useState } from "react";

export interface DisclosureProps {
  readonly summary: ReactNode;
  readonly children: () => ReactNode;
  readonly className?: string | undefined;
  readonly isOpenAtFirst?: boolean;
  /** For colours: `GET`, `ok`. */
  readonly kind?: string;
}

export function Disclosure({ summary, children, className, isOpenAtFirst = false, kind }: DisclosureProps) {
  const [wasOpened, setOpened] = useState(isOpenAtFirst);
  return (
    <details
      className={className}
      data-kind={kind}
      open={isOpenAtFirst}
      onToggle={(event) => {
        if (event.currentTarget.open) setOpened(true);
      }}
    >
      <summary>{summary}</summary>
      {wasOpened && children()}
    </details>
  );
}
