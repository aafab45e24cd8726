export function ApiTrafficPage() {
  return null;
}
