/** Source of src/gen/icons.ts. Throws with each name that Tabler does not have, and each icon that is not an outline. */
export function iconModule(names?: readonly string[]): string;
