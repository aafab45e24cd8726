/** What an operator should look at now, the worst first; each leads to where it is mended. */
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { useNow } from "../../ui/clock.js";
import { Icon } from "../../ui/icon.js";
import { Panel } from "../../ui/page.js";
import { useNodes } from "../nodes/use-nodes.js";
import { type Attention, attentionOf } from "./attention.js";
import classes from "./overview.module.css";
import type { OverviewData } from "./overview-data.js";

const SHOWN_AT_FIRST = 5;

export function AttentionList({ items }: { readonly items: OverviewData["overview"]["attention"] }) {
  const { nodes } = useNodes();
  const now = useNow();
  const [isWhole, setWhole] = useState(false);
  const all = useMemo(() => attentionOf(nodes ?? [], items, now), [nodes, items, now]);
  const shown = isWhole ? all : all.slice(0, SHOWN_AT_FIRST);
  return (
    <Panel title="Needs attention" padded={false}>
      {all.length === 0 ? (
        <p className={classes.allWell}>
          <Icon name="circle-check" size={18} />
          Nothing needs attention.
        </p>
      ) : (
        <ul className={classes.attention} aria-label="Needs attention">
          {shown.map((each) => (
            <li key={each.id}>
              <AttentionRow attention={each} />
            </li>
          ))}
        </ul>
      )}
      {all.length > SHOWN_AT_FIRST && (
        <button type="button" className={classes.more} onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer" : `Show all ${all.length}`}
        </button>
      )}
    </Panel>
  );
}

function AttentionRow({ attention }: { readonly attention: Attention }) {
  const content = (
    <>
      <span className={classes.attentionIcon} data-tone={attention.tone}>
        <Icon name="alert-triangle" />
      </span>
      <span className={classes.attentionText}>
        <strong className="lk-ellipsis">
          {attention.noun} <bdi>{attention.name}</bdi>
        </strong>
        <span>{attention.text}</span>
      </span>
    </>
  );
  return attention.to === null ? (
    <span className={classes.attentionRow}>{content}</span>
  ) : (
    <Link to={attention.to} className={classes.attentionRow}>
      {content}
    </Link>
  );
}
