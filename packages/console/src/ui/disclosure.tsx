/** A part that opens and closes. What is inside is made when it is first opened, so that a thousand closed ones are cheap. */
import { type ReactNode, useEffect, useRef, useState } from "react";

export interface DisclosureProps {
  readonly summary: ReactNode;
  readonly children: () => ReactNode;
  readonly className?: string | undefined;
  readonly isOpenAtFirst?: boolean;
  readonly isScrolledTo?: boolean;
  /** For colours: `GET`, `ok`. */
  readonly kind?: string;
}

export function Disclosure(props: DisclosureProps) {
  const { summary, children, className, isOpenAtFirst = false, isScrolledTo = false, kind } = props;
  const [wasOpened, setOpened] = useState(isOpenAtFirst);
  const box = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (isScrolledTo) box.current?.scrollIntoView({ block: "start" });
  }, [isScrolledTo]);
  return (
    <details
      ref={box}
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
