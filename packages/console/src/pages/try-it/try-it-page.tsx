export function TryItPage() {
  return null;
}
