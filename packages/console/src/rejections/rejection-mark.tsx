/** In a list, beside the name of something that nodes cannot use. Its page says why. */
import { counted } from "../ui/format.js";
import tableClasses from "../ui/table.module.css";
import { Tag } from "../ui/tag.js";

export interface RejectionMarkProps {
  readonly rejections: readonly { readonly reason: string }[];
}

export function RejectionMark({ rejections }: RejectionMarkProps) {
  if (rejections.length === 0) return null;
  const reasons = new Set(rejections.map(({ reason }) => reason));
  return (
    <>
      {" "}
      <span className={tableClasses.badge}>
        <Tag tone="bad" dot title={[...reasons].join("\n")}>
          Rejected by {counted(rejections.length, "node")}
        </Tag>
      </span>
    </>
  );
}
