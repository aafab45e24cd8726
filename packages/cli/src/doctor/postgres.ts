/** The PostgreSQL database that the settings name: there, and of no newer release. Changes nothing. */
import { releaseFindings } from "./database-release.js";
import { type Finding, ok, problem } from "./finding.js";

const TODO = "Check LATCHKEY_CONTROL_PLANE_DATABASE_URL, and that the server runs.";

/** @param url with its password, which is not shown */
export async function checkPostgres(url: string): Promise<Finding[]> {
  const [{ refuseNewerPostgres }, { createLogger }] = await Promise.all([
    import("@latchkey/control-plane"), // not for every command
    import("@latchkey/observe"),
  ]);
  const logger = createLogger({ name: "doctor", level: "silent" });
  try {
    const { host, pathname } = new URL(url);
    const release = await releaseFindings(
      () => refuseNewerPostgres({ url, logger }),
      () => TODO,
    );
    const isAsked = release.every(({ level }) => level === "ok");
    return isAsked ? [ok("database", `PostgreSQL at ${host}${pathname}`), ...release] : release;
  } catch (error) {
    return [problem("database", error instanceof Error ? error.message : String(error), TODO)];
  }
}
