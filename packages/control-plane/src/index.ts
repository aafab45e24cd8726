/** The control plane: configuration, a way to run it, and what the command needs to keep its database. */
export {
  CONTROL_PLANE_CONFIG_PREFIX,
  type ControlPlaneConfig,
  controlPlaneSchema,
  databasePath,
  loadControlPlaneConfig,
} from "./config.js";
export { type BackupResult, backupDatabase, type RestoreResult, restoreDatabase } from "./db/backup.js";
export { refuseNewerFile, refuseNewerPostgres } from "./db/refuse-newer.js";
export { StorageError, type StorageErrorCode } from "./errors/storage-error.js";
export { type ControlPlane, type ControlPlaneDeps, runControlPlane } from "./run.js";
