// System: what the operator watches. Services and their stores, who is behind whom and for how long, tills, clocks, quarantine.
import { t } from "../base/language";
import { filter } from "../base/route";
import { bytes, count, duration, moment, percent } from "../base/format";
import { now } from "../base/clock";
import { clockSkew } from "../data/http";
import { all } from "../data/live";
import { useRate } from "../data/rate";
import type { Lag, Source, Status, Terminal } from "../data/rows";
import { useRows } from "../data/watch";
import { Search, Segments } from "../parts/choose";
import { Figure, Figures } from "../parts/figure";
import { Fresh } from "../parts/fresh";
import { Bar, Chip } from "../parts/marks";
import { Sheet, States } from "../parts/sheet";
import { Table, type Column } from "../parts/table";
import { Quarantine } from "./quarantine";

const EVERY_MS = 3000,
  SKEW_S = 60,
  QUIET_S = 900,
  MAP_WARN = 7000,
  MAP_BAD = 9000;

function Services() {
  const watched = useRows<Status>("status", {}, EVERY_MS);
  const columns: Column<Status>[] = [
    { id: "service", name: t("service"), sort: (row) => row.service, show: (row) => row.service },
    {
      id: "state",
      name: t("state"),
      show: (row) =>
        row.damaged ? (
          <Chip tone="bad">{t("system.damaged", { count: count(row.damaged) })}</Chip>
        ) : (
          <Chip tone="good">{t("system.serves")}</Chip>
        ),
    },
    { id: "head", name: t("system.head"), numeric: true, sort: (row) => row.head, show: (row) => count(row.head) },
    { id: "intake", name: t("system.intake"), numeric: true, sort: (row) => row.intake, show: (row) => count(row.intake) },
    {
      id: "quarantined",
      name: t("system.quarantined"),
      numeric: true,
      sort: (row) => row.quarantined,
      show: (row) => <span class={row.quarantined ? "bad-ink" : ""}>{count(row.quarantined)}</span>,
    },
    {
      id: "commit",
      name: t("system.commit"),
      numeric: true,
      sort: (row) => row.commit_us_last,
      show: (row) => duration(row.commit_us_last / 1e6),
    },
    {
      id: "longest",
      name: t("system.longest"),
      numeric: true,
      sort: (row) => row.commit_us_max,
      show: (row) => duration(row.commit_us_max / 1e6),
    },
    {
      id: "map",
      name: t("system.map"),
      show: (row) => {
        const bp = row.map_bytes ? Math.round((row.used_bytes * 10000) / row.map_bytes) : 0;
        return <Bar bp={bp} tone={bp > MAP_BAD ? "bad" : bp > MAP_WARN ? "warn" : ""} label={t("system.map")} />;
      },
    },
    { id: "used", name: t("system.used"), numeric: true, sort: (row) => row.used_bytes, show: (row) => bytes(row.used_bytes) },
    { id: "epoch", name: t("system.epoch"), numeric: true, show: (row) => <span title={String(row.epoch)}>{moment(row.epoch)}</span> },
    { id: "business", name: t("system.business"), numeric: true, sort: (row) => row.business_us, show: (row) => moment(row.business_us) },
  ];
  return (
    <Sheet title={t("system.services")} foot={<Fresh askedAtMs={watched.atMs} />}>
      <States asked={watched.asked} problem={watched.problem} empty={watched.rows.length === 0} emptyTitle={t("system.none")}>
        <Table
          id="_service"
          label={t("system.services")}
          columns={columns}
          rows={watched.rows}
          rowKey={(row) => row.service}
          tall={false}
        />
      </States>
    </Sheet>
  );
}

/** How long until it has caught up, at the pace it has had while we look. */
function LagEstimate({ row }: { row: Lag }) {
  const rate = useRate(`${row.service} ${row.source}`, row.through);
  if (row.lag === 0) return <span class="sub">{t("system.caught_up")}</span>;
  return <span>{rate > 0 ? duration(row.lag / rate) : t("system.no_pace")}</span>;
}

function Lags() {
  const watched = useRows<Lag>("lag", {}, EVERY_MS);
  const columns: Column<Lag>[] = [
    { id: "service", name: t("service"), sort: (row) => row.service, show: (row) => row.service },
    { id: "source", name: t("system.hears"), sort: (row) => row.source, show: (row) => row.source },
    { id: "through", name: t("system.through"), numeric: true, sort: (row) => row.through, show: (row) => count(row.through) },
    { id: "head", name: t("system.head"), numeric: true, sort: (row) => row.head, show: (row) => count(row.head) },
    {
      id: "lag",
      name: t("system.lag"),
      numeric: true,
      sort: (row) => row.lag,
      show: (row) => <span class={row.lag ? "warn-ink" : ""}>{count(row.lag)}</span>,
    },
    { id: "estimate", name: t("system.estimate"), numeric: true, show: (row) => <LagEstimate row={row} /> },
  ];
  return (
    <Sheet title={t("system.lags")} foot={<Fresh askedAtMs={watched.atMs} />}>
      <States asked={watched.asked} problem={watched.problem} empty={watched.rows.length === 0} emptyTitle={t("system.none")}>
        <Table
          id="_lag"
          label={t("system.lags")}
          columns={columns}
          rows={watched.rows}
          rowKey={(row) => `${row.service} ${row.source}`}
          sorted="-lag"
        />
      </States>
    </Sheet>
  );
}

const networkNow = () => all.value.reduce((latest, row) => Math.max(latest, row.watermark_us), 0);

function Terminals() {
  const watched = useRows<Terminal>("terminals", {}, EVERY_MS),
    at = networkNow(),
    words = filter("till").toLowerCase();
  const silent = (row: Terminal) => (row.through ? Math.max(0, (at - row.through) / 1e6) : Infinity);
  const ahead = (row: Terminal) => row.through / 1e6 - now.value / 1000;
  const tone = (row: Terminal) => (!row.through || !row.heard ? "bad" : silent(row) > QUIET_S ? "warn" : "good");
  const columns: Column<Terminal>[] = [
    { id: "terminal", name: t("terminal"), sort: (row) => row.terminal, show: (row) => <span class="mono">{row.terminal}</span> },
    {
      id: "state",
      name: t("state"),
      sort: silent,
      show: (row) => (
        <Chip tone={tone(row)}>
          {t(!row.through ? "never_heard" : !row.heard ? "system.lost" : silent(row) > QUIET_S ? "system.quiet" : "system.speaks")}
        </Chip>
      ),
    },
    { id: "through", name: t("last_word"), numeric: true, sort: (row) => row.through, show: (row) => moment(row.through) },
    {
      id: "silent",
      name: t("silence"),
      numeric: true,
      sort: silent,
      show: (row) => (row.through ? duration(Math.round(silent(row))) : "–"),
    },
    {
      id: "clock",
      name: t("system.clock"),
      numeric: true,
      sort: ahead,
      show: (row) =>
        row.through && ahead(row) > SKEW_S ? (
          <span class="bad-ink">{t("system.ahead", { age: duration(ahead(row)) })}</span>
        ) : (
          <span class="sub">{t("system.clock_good")}</span>
        ),
    },
  ];
  const shown = watched.rows.filter((row) => row.expected && (!words || row.terminal.toLowerCase().includes(words)));
  return (
    <Sheet
      title={t("system.terminals", { count: count(shown.length) })}
      foot={<Fresh askedAtMs={watched.atMs} />}
      controls={<Search name="till" label={t("terminal")} />}
    >
      <States
        asked={watched.asked}
        problem={watched.problem}
        empty={shown.length === 0}
        emptyTitle={t("system.no_terminals")}
        emptyText={t("network.empty_how")}
      >
        <Table id="_till" label={t("terminal")} columns={columns} rows={shown} rowKey={(row) => row.terminal} sorted="-silent" />
      </States>
    </Sheet>
  );
}

function Sources() {
  const watched = useRows<Source>("sources", {}, EVERY_MS),
    words = filter("source").toLowerCase(),
    only = filter("only");
  const shown = watched.rows.filter(
    (row) =>
      (!only || row.gaps + row.duplicates + row.refusals > 0) && (!words || `${row.service} ${row.source}`.toLowerCase().includes(words)),
  );
  const columns: Column<Source>[] = [
    { id: "source", name: t("system.source"), sort: (row) => row.source, show: (row) => <span class="mono">{row.source}</span> },
    { id: "service", name: t("system.heard_by"), sort: (row) => row.service, show: (row) => row.service },
    { id: "through", name: t("system.through"), numeric: true, sort: (row) => row.through, show: (row) => count(row.through) },
    { id: "gaps", name: t("system.gaps"), numeric: true, sort: (row) => row.gaps, show: (row) => count(row.gaps) },
    { id: "duplicates", name: t("system.duplicates"), numeric: true, sort: (row) => row.duplicates, show: (row) => count(row.duplicates) },
    {
      id: "refusals",
      name: t("system.refusals"),
      numeric: true,
      sort: (row) => row.refusals,
      show: (row) => <span class={row.refusals ? "bad-ink" : ""}>{count(row.refusals)}</span>,
    },
    { id: "heard", name: t("last_word"), numeric: true, sort: (row) => row.heard_us, show: (row) => moment(row.heard_us) },
    { id: "epoch", name: t("system.epoch"), numeric: true, show: (row) => <span class="mono">{row.epoch}</span> },
  ];
  return (
    <Sheet
      title={t("system.sources", { count: count(shown.length) })}
      foot={<Fresh askedAtMs={watched.atMs} />}
      controls={
        <>
          <Segments
            name="only"
            label={t("state")}
            options={[
              { value: "", name: t("all") },
              { value: "odd", name: t("system.odd") },
            ]}
          />
          <Search name="source" label={t("system.source")} />
        </>
      }
    >
      <States
        asked={watched.asked}
        problem={watched.problem}
        empty={shown.length === 0}
        emptyTitle={t("system.no_sources")}
        emptyText={only || words ? t("loosen") : undefined}
      >
        <Table
          id="_source"
          label={t("system.source")}
          columns={columns}
          rows={shown}
          rowKey={(row) => `${row.service} ${row.source} ${row.epoch}`}
          sorted="-heard"
        />
      </States>
    </Sheet>
  );
}

function Summary() {
  const status = useRows<Status>("status", {}, EVERY_MS),
    lag = useRows<Lag>("lag", {}, EVERY_MS),
    terminals = useRows<Terminal>("terminals", {}, EVERY_MS);
  const total = all.value.find((row) => row.scope === "total"),
    expected = terminals.rows.filter((row) => row.expected);
  const shown = (asked: boolean, text: string) => (asked ? text : "–");
  return (
    <Figures askedAtMs={status.atMs}>
      <Figure
        id="services"
        name={t("system.services")}
        value={shown(status.asked, count(status.rows.length))}
        note={t("system.intake_sum", { count: count(status.rows.reduce((sum, row) => sum + row.intake, 0)) })}
      />
      <Figure
        id="lag"
        name={t("system.lag")}
        value={shown(lag.asked, count(lag.rows.reduce((sum, row) => sum + row.lag, 0)))}
        note={t("system.lag_note")}
      />
      <Figure
        id="quarantined"
        name={t("system.quarantined")}
        value={shown(status.asked, count(status.rows.reduce((sum, row) => sum + row.quarantined, 0)))}
        note={t("system.quarantined_note")}
      />
      <Figure
        id="terminals"
        name={t("system.tills_heard")}
        value={shown(terminals.asked, `${count(expected.filter((row) => row.heard).length)} / ${count(expected.length)}`)}
        note={percent(total?.completeness_bp)}
      />
      <Figure
        id="skew"
        name={t("system.skew")}
        value={Math.abs(clockSkew.value) <= 1 ? t("system.skew_none") : duration(clockSkew.value)}
        note={t("system.skew_note")}
      />
    </Figures>
  );
}

export function System() {
  return (
    <>
      <Summary />
      <Services />
      <Quarantine />
      <div class="grid two">
        <Lags />
        <Terminals />
      </div>
      <Sources />
    </>
  );
}
