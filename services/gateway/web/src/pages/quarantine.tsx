// Quarantine: what could not be taken, grouped by reason, to be tried again once what was wrong is mended, or let go.
import { useState } from "preact/hooks";
import { t } from "../base/language";
import { bytes, count, moment } from "../base/format";
import { act, type Problem } from "../data/http";
import type { Quarantined } from "../data/rows";
import { askAgain, useRows } from "../data/watch";
import { Fresh } from "../parts/fresh";
import { problemText, Sheet, States } from "../parts/sheet";
import { Table, type Column } from "../parts/table";

type Act = "retry" | "discard";

const EVERY_MS = 3000;
const keyOf = (row: Quarantined) => `${row.service}/${row.number}`;

function byReason(rows: Quarantined[]): [string, Quarantined[]][] {
  const groups = new Map<string, Quarantined[]>();
  for (const row of rows) groups.set(row.reason, [...(groups.get(row.reason) ?? []), row]);
  return [...groups].sort((a, b) => b[1].length - a[1].length);
}

/** One after another: each is a decision of its own, and the first that fails stops the rest. */
async function actOn(what: Act, rows: Quarantined[]): Promise<void> {
  for (const row of rows) await act(`/v1/quarantine/${keyOf(row)}/${what}`);
}

interface GroupProps {
  reason: string;
  rows: Quarantined[];
}

function Group({ reason, rows }: GroupProps) {
  const [asking, setAsking] = useState(false),
    [busy, setBusy] = useState(false),
    [problem, setProblem] = useState("");
  const run = async (what: Act, some: Quarantined[]) => {
    setBusy(true);
    setProblem("");
    setAsking(false);
    try {
      await actOn(what, some);
    } catch (error) {
      setProblem(problemText(error as Problem));
    }
    setBusy(false);
    askAgain("quarantine");
    askAgain("status");
  };
  const columns: Column<Quarantined>[] = [
    { id: "service", name: t("service"), sort: (row) => row.service, show: (row) => row.service },
    { id: "number", name: "#", numeric: true, sort: (row) => row.number, show: (row) => count(row.number) },
    {
      id: "source",
      name: t("system.source"),
      sort: (row) => row.source,
      show: (row) => (
        <span class="mono">
          {row.source}#{row.seq}
        </span>
      ),
    },
    { id: "at", name: t("quarantine.since"), numeric: true, sort: (row) => row.at_us, show: (row) => moment(row.at_us) },
    { id: "bytes", name: t("quarantine.size"), numeric: true, sort: (row) => row.bytes, show: (row) => bytes(row.bytes) },
    {
      id: "acts",
      name: t("quarantine.act"),
      show: (row) => (
        <button type="button" class="button small" disabled={busy} onClick={() => void run("retry", [row])}>
          {t("quarantine.retry")}
        </button>
      ),
    },
  ];
  return (
    <section class="body" data-reason={reason} aria-label={reason}>
      <div class="controls">
        <strong>{reason}</strong>
        <span class="chip bad">{count(rows.length)}</span>
        <button type="button" class="button small" disabled={busy} onClick={() => void run("retry", rows)}>
          {t("quarantine.retry_all")}
        </button>
        {asking ? (
          <>
            <span>{t("quarantine.sure", { count: count(rows.length) })}</span>
            <button type="button" class="button small danger" disabled={busy} onClick={() => void run("discard", rows)}>
              {t("quarantine.discard_yes")}
            </button>
            <button type="button" class="button small" onClick={() => setAsking(false)}>
              {t("quarantine.keep")}
            </button>
          </>
        ) : (
          <button type="button" class="button small danger" disabled={busy} onClick={() => setAsking(true)}>
            {t("quarantine.discard")}
          </button>
        )}
        <span role="alert" class="bad-ink">
          {problem}
        </span>
      </div>
      <Table id="_quarantine" label={reason} columns={columns} rows={rows} rowKey={keyOf} sorted="-at" />
    </section>
  );
}

export function Quarantine() {
  const watched = useRows<Quarantined>("quarantine", {}, EVERY_MS);
  return (
    <Sheet title={t("quarantine.title")} foot={<Fresh askedAtMs={watched.atMs} />}>
      <States
        asked={watched.asked}
        problem={watched.problem}
        empty={watched.rows.length === 0}
        emptyTitle={t("quarantine.none")}
        emptyText={t("quarantine.none_why")}
        lines={3}
      >
        {byReason(watched.rows).map(([reason, rows]) => (
          <Group key={reason} reason={reason} rows={rows} />
        ))}
      </States>
    </Sheet>
  );
}
