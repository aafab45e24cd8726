export function useKeyCounts(_apiId: string): ReadonlyMap<string, number> | null {
  return null;
}
