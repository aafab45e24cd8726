/** Above every page when the database went back to an older state lately. Leads to the activity, which says when. */
import { Link } from "react-router";
import { useQuery } from "urql";
import { DatabaseNoticeDocument } from "../gen/database-notice.js";
import classes from "./database-notice.module.css";

export function DatabaseNotice() {
  const [{ data }] = useQuery({ query: DatabaseNoticeDocument });
  const setBack = data?.server.databaseSetBack ?? null;
  if (setBack === null) return null;
  return (
    <div role="alert" className={classes.notice}>
      <span>{setBack.message}</span> <Link to="/activity">Show the activity</Link>
    </div>
  );
}
