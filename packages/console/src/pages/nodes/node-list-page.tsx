export function NodeListPage() {
  return null;
}
