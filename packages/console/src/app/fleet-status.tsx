export function FleetStatus() {
  return null;
}
