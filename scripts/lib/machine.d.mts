export function programPath(command: string): string | null;
