export function pieces(bytes: number): Generator<Buffer, void, undefined>;
export function digestOf(bytes: number): string;
