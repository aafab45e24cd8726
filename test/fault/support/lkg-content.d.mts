export const EPOCH: number;
export function digestAt(number: number): string;
