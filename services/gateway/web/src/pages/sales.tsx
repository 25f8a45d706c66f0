// Sales: lines of today against the same day of last week, and every tier, outlet or category beside its own week before.
import { useMemo, useState } from "preact/hooks";
import { coded, t } from "../base/language";
import { filter } from "../base/route";
import { change, count, day, dayBefore, money, moment, percent, quantity, short, shortMoney } from "../base/format";
import { currency } from "../data/currency";
import { all, kpi, kpis, today, whole } from "../data/live";
import { useOutlets } from "../data/network";
import type { Hour, Kpi, Scope } from "../data/rows";
import { useRows, type Watched } from "../data/watch";
import { Chart, type Curve } from "../parts/chart";
import { Search, Segments } from "../parts/choose";
import { Figure, Figures } from "../parts/figure";
import { Fresh } from "../parts/fresh";
import { Bar, OutletName, Tier } from "../parts/marks";
import { Sheet, States } from "../parts/sheet";
import { More, Table, type Column } from "../parts/table";
import { drawn, lineOfLastWeek, lineOfToday, valueOf, type Metric } from "./sales_lines";

const FIRST_LINES = 12, // groups that are drawn before more are asked for
  TOGETHER_MAX = 2, // groups in one picture: each is two lines
  WEEK = 7,
  HEIGHT = 260;
const HOURS_MS = 20000; // what was sold since is in the live measures

interface Group {
  key: string;
  now: Kpi;
  before?: Kpi;
}

/** Who sees outlets alone has no tiers and categories to look at. */
const has = (scope: string) => scope === "total" || !all.value.length || all.value.some((row) => row.scope === scope);

function useName(): (scope: Scope, key: string) => string {
  const outlets = useOutlets();
  return (scope, key) =>
    scope === "outlet"
      ? (outlets.map.get(key)?.name ?? key)
      : scope === "tier"
        ? coded("tier", key)
        : scope === "total"
          ? t("whole")
          : key || t("no_category");
}

function written(value: number, metric: Metric): string {
  return metric === "revenue" ? money(value, currency.value) : metric === "units" ? quantity(value) : count(value);
}

function axisText(value: number, metric: Metric): string {
  return metric === "revenue" ? shortMoney(value, currency.value) : short(metric === "units" ? value / 1000 : value);
}

interface Day extends Watched<Hour> {
  of: (key: string) => Hour[];
}

/** Hours of a day by group. Who sees outlets alone has no hours of the whole: its own ones together are. */
function useHours(scope: Scope, day: string): Day {
  const own = scope === "total" && !has("tier");
  const filters = { scope: own ? "outlet" : scope, day, currency: currency.value };
  const watched = useRows<Hour>("hours", filters, HOURS_MS);
  return { ...watched, of: (key) => (own ? watched.rows : watched.rows.filter((row) => row.key === key)) };
}

interface LinesProps {
  groups: Group[];
  scope: Scope;
  metric: Metric;
}

function Lines({ groups, scope, metric }: LinesProps) {
  const name = useName(),
    now = useHours(scope, today.value),
    before = useHours(scope, dayBefore(today.value, WEEK));
  const [limit, setLimit] = useState(FIRST_LINES);
  const untilS = (kpi("total", "all", today.value, currency.value)?.watermark_us ?? 0) / 1e6;
  const sorted = [...groups].sort((a, b) => valueOf(b.now, metric) - valueOf(a.now, metric)),
    together = groups.length <= TOGETHER_MAX;
  const keys = groups.map((group) => group.key + valueOf(group.now, metric)).join();
  const { x, charts } = useMemo(() => {
    const made = sorted.slice(0, limit).map((group) => {
      const colour = scope === "tier" ? `tier${group.key}` : "s-1",
        own = name(scope, group.key);
      return [
        { name: own, colour, line: lineOfToday(now.of(group.key), metric, group.now, untilS) },
        {
          name: together ? t("sales.last_week", { name: own }) : t("sales.week_before"),
          colour: together ? colour : "line-strong",
          line: lineOfLastWeek(before.of(group.key), metric, group.before),
        },
      ];
    });
    // One axis for all, so that pictures can be compared.
    const { x, values } = drawn(made.flat().map((one) => one.line));
    const curves = made.map((pair, i) => pair.map(({ name, colour }, j): Curve => ({ name, colour, dashed: j > 0, values: values[2 * i + j]! })));
    return { x, charts: together ? [curves.flat()] : curves };
  }, [now.rows, before.rows, keys, scope, metric, untilS, limit, t("sales")]);
  return (
    <Sheet title={t("sales.today")} foot={<Fresh askedAtMs={now.atMs} />}>
      <States
        asked={now.asked && before.asked}
        problem={now.problem}
        empty={x.length < 2}
        emptyTitle={t("sales.no_line")}
        emptyText={t("sales.no_line_why")}
        lines={9}
      >
        <div class={together ? "body" : "body many"}>
          {charts.map((curves) => (
            <Chart
              key={curves[0]?.name}
              label={`${t("sales.line_of", { day: day(today.value) })}: ${curves[0]?.name}`}
              x={x}
              curves={curves}
              height={together ? HEIGHT : HEIGHT / 2}
              xText={(s) => moment(s * 1e6, false).slice(-5)}
              yText={(value) => axisText(value, metric)}
            />
          ))}
        </div>
        <More left={groups.length - limit} show={() => setLimit(limit * 4)} />
      </States>
    </Sheet>
  );
}

function Days({ metric }: { metric: Metric }) {
  const days = all.value
    .filter((row) => row.scope === "total" && row.day && row.currency === currency.value)
    .sort((a, b) => a.day.localeCompare(b.day))
    .slice(-14);
  const key = days.map((row) => valueOf(row, metric)).join();
  const { x, curves } = useMemo(
    () => ({
      x: days.map((row) => Date.parse(row.day + "T00:00:00Z") / 1000),
      curves: [{ name: t(`metric.${metric}`), colour: "accent", bars: true, values: days.map((row) => valueOf(row, metric)) }],
    }),
    [key, metric, t("sales")],
  );
  return (
    <States asked={whole.value || all.value.length > 0} problem={null} empty={days.length === 0} emptyTitle={t("no_sales")} lines={9}>
      <div class="body">
        <Chart
          label={t("sales.days")}
          x={x}
          curves={curves}
          height={HEIGHT}
          xText={(s) => day(new Date(s * 1000).toISOString().slice(0, 10))}
          yText={(value) => axisText(value, metric)}
        />
      </div>
    </States>
  );
}

function columns(scope: Scope, metric: Metric, sum: number, outlets: ReturnType<typeof useOutlets>): Column<Group>[] {
  const share = (group: Group) => (sum > 0 ? Math.round((valueOf(group.now, metric) * 10000) / sum) : 0);
  return [
    {
      id: "key",
      name: t(`scope.${scope}`),
      sort: (group) => group.key,
      show: (group) =>
        scope === "outlet" ? (
          <OutletName outlet={outlets.map.get(group.key)} code={group.key} />
        ) : scope === "tier" ? (
          <Tier tier={Number(group.key)} />
        ) : scope === "total" ? (
          t("whole")
        ) : (
          group.key || t("no_category")
        ),
    },
    {
      id: "now",
      name: day(today.value),
      numeric: true,
      sort: (group) => valueOf(group.now, metric),
      show: (group) => written(valueOf(group.now, metric), metric),
    },
    {
      id: "before",
      name: t("sales.week_before"),
      numeric: true,
      sort: (group) => valueOf(group.before, metric),
      show: (group) => (group.before ? written(valueOf(group.before, metric), metric) : "–"),
    },
    {
      id: "change",
      name: t("change"),
      numeric: true,
      sort: (group) => (group.before ? valueOf(group.now, metric) / Math.max(1, valueOf(group.before, metric)) : -1),
      show: (group) => change(valueOf(group.now, metric), valueOf(group.before, metric)),
    },
    { id: "share", name: t("share"), sort: share, show: (group) => <Bar bp={share(group)} label={t("share")} /> },
    { id: "share_bp", name: "%", numeric: true, show: (group) => percent(share(group)) },
    { id: "tickets", name: t("tickets"), numeric: true, sort: (group) => group.now.tickets, show: (group) => count(group.now.tickets) },
    {
      id: "average",
      name: t("average_ticket"),
      numeric: true,
      sort: (group) => group.now.average_ticket_minor,
      show: (group) => money(group.now.average_ticket_minor, group.now.currency),
    },
    {
      id: "returns",
      name: t("returns"),
      numeric: true,
      sort: (group) => group.now.returns_minor,
      show: (group) => money(group.now.returns_minor, group.now.currency),
    },
    {
      id: "heard",
      name: t("completeness"),
      numeric: true,
      sort: (group) => group.now.completeness_bp,
      show: (group) => percent(group.now.completeness_bp),
    },
  ];
}

function Total() {
  const now = kpi("total", "all", today.value, currency.value),
    before = kpi("total", "all", dayBefore(today.value, WEEK), currency.value);
  const against = (a: number | undefined, b: number | undefined, text: string) =>
    before ? t("sales.against", { before: text, change: change(a ?? 0, b ?? 0) }) : t("sales.nothing_before");
  return (
    <Figures>
      <Figure
        id="revenue"
        name={t("revenue_today")}
        value={money(now?.revenue_minor, currency.value)}
        note={against(now?.revenue_minor, before?.revenue_minor, money(before?.revenue_minor, currency.value))}
      />
      <Figure
        id="tickets"
        name={t("tickets_today")}
        value={count(now?.tickets)}
        note={against(now?.tickets, before?.tickets, count(before?.tickets))}
      />
      <Figure
        id="units"
        name={t("units_today")}
        value={quantity(now?.units_milli)}
        note={against(now?.units_milli, before?.units_milli, quantity(before?.units_milli))}
      />
      <Figure
        id="average"
        name={t("average_ticket")}
        value={money(now?.average_ticket_minor, currency.value)}
        note={against(now?.average_ticket_minor, before?.average_ticket_minor, money(before?.average_ticket_minor, currency.value))}
      />
      <Figure
        id="returns"
        name={t("returns")}
        value={money(now?.returns_minor, currency.value)}
        note={t("return_tickets_are", { count: count(now?.return_tickets) })}
      />
    </Figures>
  );
}

export function Sales() {
  const outlets = useOutlets(),
    first = has("tier") ? "tier" : "outlet",
    scope = filter("by", first) as Scope,
    metric = filter("of", "revenue") as Metric;
  const words = filter("find").toLowerCase(),
    name = useName(),
    weekBefore = dayBefore(today.value, WEEK);
  const groups: Group[] = kpis(scope, today.value, currency.value)
    .filter((row) => !words || `${row.key} ${name(scope, row.key)}`.toLowerCase().includes(words))
    .map((row) => ({ key: row.key, now: row, before: kpi(scope, row.key, weekBefore, currency.value) }));
  const sum = valueOf(kpi("total", "all", today.value, currency.value), metric);
  return (
    <>
      <Total />
      <div class="controls">
        <Segments
          name="by"
          label={t("group_by")}
          otherwise={first}
          options={["total", "tier", "outlet", "category"].filter(has).map((value) => ({ value, name: t(`scope.${value as Scope}`) }))}
        />
        <Segments
          name="of"
          label={t("measure")}
          otherwise="revenue"
          options={["revenue", "units", "tickets"].map((value) => ({ value, name: t(`metric.${value as Metric}`) }))}
        />
        <Search name="find" label={t("find")} />
      </div>
      <div class={groups.length > TOGETHER_MAX ? "grid" : "grid wide-left"}>
        <Lines groups={groups} scope={scope} metric={metric} />
        <Sheet title={t("sales.days")} foot={<Fresh />}>
          <Days metric={metric} />
        </Sheet>
      </div>
      <Sheet title={t("sales.groups", { scope: t(`scope.${scope}`), day: day(today.value, true) })} foot={<Fresh />}>
        <States
          asked={whole.value || all.value.length > 0}
          problem={null}
          empty={groups.length === 0}
          emptyTitle={t("no_sales")}
          emptyText={words ? t("loosen") : t("sales.empty_how")}
        >
          <Table
            label={t("sales")}
            columns={columns(scope, metric, sum, outlets)}
            rows={groups}
            rowKey={(group) => group.key}
            sorted="-now"
          />
        </States>
      </Sheet>
    </>
  );
}
