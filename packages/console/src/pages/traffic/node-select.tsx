/** Chooses one node or all. */
import { NativeSelect } from "@mantine/core";
import { useNodes } from "../nodes/use-nodes.js";

export function NodeSelect({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (id: string) => void;
}) {
  const { nodes } = useNodes();
  return (
    <NativeSelect
      aria-label="Node"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: "", label: "All nodes" },
        ...(nodes ?? []).map((node) => ({ value: node.id, label: node.name })),
      ]}
    />
  );
}
