/** A Node.js 24 for tests, and the environment of its processes. */
export const node24: { readonly command: string; readonly env: Readonly<Record<string, string>> };

/** Whether it was installed. */
export function isNode24There(): boolean;

export function ensureNode24(): Promise<void>;
