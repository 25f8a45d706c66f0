// Network: every outlet on the map and in the table, coloured by what is asked: sales, pace, stock-outs, silence.
import { coded, t } from "../base/language";
import { filter, href, setFilters } from "../base/route";
import { count, duration, money, moment, percent, quantity, tenths } from "../base/format";
import { currency } from "../data/currency";
import { all, kpi, kpis, today } from "../data/live";
import { useOutlets, useWarehouses, type Outlet } from "../data/network";
import type { Kpi, Target, Terminal } from "../data/rows";
import { useRows } from "../data/watch";
import { Search, Segments, TierChoice } from "../parts/choose";
import { Figure, Figures } from "../parts/figure";
import { Fresh } from "../parts/fresh";
import { PlaceMap } from "../parts/map";
import type { Mark } from "../parts/map_paint";
import { OutletName, Tier, type Tone } from "../parts/marks";
import { Sheet, States } from "../parts/sheet";
import { Table, type Column } from "../parts/table";

interface Line {
  outlet: Outlet;
  day?: Kpi;
  pace?: number; // basis points; the lowest of its targets
  silent?: number; // seconds since its last word, by the network's clock; undefined: never heard
  heardUs: number;
}

type By = "sales" | "pace" | "stock_outs" | "silence";

const QUIET_S = 900,
  SILENT_S = 3600,
  PACE_GOOD = 10000,
  PACE_WARN = 8000;
const COLOURS: Record<Tone, string> = { good: "good", warn: "warn", bad: "bad", "": "mute" };

// How much is neither good nor bad: sales are shown by a quarter of the best outlet's, from pale to full.
const QUARTERS = ["q-4", "q-3", "q-2", "q-1"];

function colourOf(line: Line, by: By, most: number): string {
  if (by !== "sales") return COLOURS[toneOf(line, by)];
  return line.day?.revenue_minor ? QUARTERS[Math.min(3, Math.floor(4 - (4 * line.day.revenue_minor) / Math.max(1, most)))]! : "mute";
}

function toneOf(line: Line, by: By): Tone {
  if (by === "pace") return line.pace === undefined ? "" : line.pace >= PACE_GOOD ? "good" : line.pace >= PACE_WARN ? "warn" : "bad";
  if (by === "stock_outs") return !line.day ? "" : !line.day.stock_outs ? "good" : line.day.stock_outs < 3 ? "warn" : "bad";
  return line.silent === undefined ? "" : line.silent < QUIET_S ? "good" : line.silent < SILENT_S ? "warn" : "bad";
}

function textOf(line: Line, by: By): string {
  if (by === "sales") return line.day ? money(line.day.revenue_minor, line.day.currency) : t("no_sales");
  if (by === "pace") return t("network.pace_is", { pace: percent(line.pace) });
  if (by === "stock_outs") return t("network.stock_outs_are", { count: count(line.day?.stock_outs ?? 0) });
  return line.silent === undefined ? t("never_heard") : t("network.silent_for", { age: duration(line.silent) });
}

function sizeOf(line: Line, most: number): number {
  return 6 + 9 * Math.sqrt((line.day?.revenue_minor ?? 0) / Math.max(1, most));
}

function gather(outlets: Outlet[], days: Kpi[], targets: Target[], terminals: Terminal[], watermark: number): Line[] {
  const byDay = new Map(days.map((row) => [row.key, row]));
  const paces = new Map<string, number>(),
    heard = new Map<string, number>();
  for (const target of targets) if (target.outlet) paces.set(target.outlet, Math.min(target.pace_bp, paces.get(target.outlet) ?? Infinity));
  for (const till of terminals) heard.set(till.outlet, Math.max(till.through, heard.get(till.outlet) ?? 0));
  return outlets.map((outlet) => {
    const heardUs = heard.get(outlet.code) ?? 0;
    return {
      outlet,
      day: byDay.get(outlet.code),
      pace: paces.get(outlet.code),
      heardUs,
      silent: heardUs ? Math.max(0, Math.round((watermark - heardUs) / 1e6)) : undefined,
    };
  });
}

function columns(money_: string): Column<Line>[] {
  return [
    {
      id: "outlet",
      name: t("outlet"),
      sort: (line) => line.outlet.name,
      show: (line) => <OutletName outlet={line.outlet} code={line.outlet.code} />,
    },
    { id: "tier", name: t("tier"), sort: (line) => line.outlet.tier, show: (line) => <Tier tier={line.outlet.tier} /> },
    {
      id: "revenue",
      name: t("revenue"),
      numeric: true,
      sort: (line) => line.day?.revenue_minor ?? -1,
      show: (line) => money(line.day?.revenue_minor, money_),
    },
    { id: "tickets", name: t("tickets"), numeric: true, sort: (line) => line.day?.tickets ?? -1, show: (line) => count(line.day?.tickets) },
    {
      id: "pace",
      name: t("pace"),
      numeric: true,
      sort: (line) => line.pace ?? -1,
      show: (line) => <span class={`${toneOf(line, "pace")}-ink`}>{percent(line.pace)}</span>,
    },
    {
      id: "stock_outs",
      name: t("stock_outs"),
      numeric: true,
      sort: (line) => line.day?.stock_outs ?? -1,
      show: (line) => count(line.day?.stock_outs),
    },
    {
      id: "silence",
      name: t("last_word"),
      numeric: true,
      sort: (line) => -line.heardUs,
      show: (line) => <span class={`${toneOf(line, "silence")}-ink`}>{line.heardUs ? moment(line.heardUs) : t("never_heard")}</span>,
    },
  ];
}

const SORTED: Record<By, string> = { sales: "-revenue", pace: "pace", stock_outs: "-stock_outs", silence: "-silence" };

function Total() {
  const of = kpi("total", "all", today.value, currency.value),
    running = kpi("total", "all", "", currency.value);
  const day = (text: string) => <>{text}</>;
  return (
    <Figures>
      <Figure
        id="revenue"
        name={t("revenue_today")}
        value={money(of?.revenue_minor, currency.value)}
        note={day(t("returns_are", { money: money(of?.returns_minor, currency.value) }))}
      />
      <Figure
        id="tickets"
        name={t("tickets_today")}
        value={count(of?.tickets)}
        note={t("average_is", { money: money(of?.average_ticket_minor, currency.value) })}
      />
      <Figure
        id="units"
        name={t("units_today")}
        value={quantity(of?.units_milli)}
        note={t("returned_are", { count: quantity(of?.returned_units_milli) })}
      />
      <Figure
        id="stock_outs"
        name={t("stock_outs_today")}
        value={count(of?.stock_outs)}
        note={t("service_level_is", { share: percent(of?.service_level_bp) })}
      />
      <Figure
        id="cover"
        name={t("cover")}
        value={running?.days_of_cover_milli === undefined ? "–" : t("days", { count: tenths(running.days_of_cover_milli) })}
        note={t("stock_value_is", { money: money(running?.stock_value_minor, currency.value) })}
      />
      <Figure
        id="completeness"
        name={t("completeness")}
        value={percent(of?.completeness_bp)}
        note={t("tills_heard", { heard: count(of?.terminals_heard), expected: count(of?.terminals_expected) })}
      />
    </Figures>
  );
}

function Legend({ by }: { by: By }) {
  const tones: Tone[] = ["good", "warn", "bad", ""];
  const steps = by === "sales" ? [...QUARTERS, "mute"] : tones.map((tone) => COLOURS[tone]);
  return (
    <div class="legend under-map">
      {steps.map((step) => (
        <span key={step}>
          <i class="round" style={{ background: `var(--${step})` }} />
          {coded(`legend.${by}`, step)}
        </span>
      ))}
      <span>{t("map.shapes")}</span>
    </div>
  );
}

export function Network() {
  const outlets = useOutlets(),
    warehouses = useWarehouses();
  const targets = useRows<Target>("targets", {}, 5000),
    terminals = useRows<Terminal>("terminals", {}, 5000);
  const by = filter("by", "sales") as By,
    tier = filter("tier"),
    chosen = filter("outlet"),
    words = filter("find").toLowerCase();
  const watermark = all.value.reduce((latest, row) => Math.max(latest, row.watermark_us), 0);
  const wanted = [...outlets.map.values()].filter(
    (outlet) => (!tier || String(outlet.tier) === tier) && (!words || `${outlet.code} ${outlet.name}`.toLowerCase().includes(words)),
  );
  const lines = gather(wanted, kpis("outlet", today.value, currency.value), targets.rows, terminals.rows, watermark);
  const most = lines.reduce((top, line) => Math.max(top, line.day?.revenue_minor ?? 0), 0);
  const marks: Mark[] = [];
  for (const warehouse of warehouses.map.values())
    if (warehouse.latitude !== null && warehouse.longitude !== null)
      marks.push({
        code: warehouse.code,
        name: warehouse.name,
        shape: "square",
        colour: "ink-2",
        size: 6,
        latitude: warehouse.latitude,
        longitude: warehouse.longitude,
        text: `${warehouse.name} · ${t("warehouse")}`,
      });
  for (const line of lines)
    if (line.outlet.latitude !== null && line.outlet.longitude !== null)
      marks.push({
        code: line.outlet.code,
        name: line.outlet.name,
        shape: line.outlet.tier === 1 ? "round" : "diamond",
        colour: colourOf(line, by, most),
        size: sizeOf(line, most),
        latitude: line.outlet.latitude,
        longitude: line.outlet.longitude,
        text: `${line.outlet.name} · ${textOf(line, by)}`,
      });
  const choose = (code: string) => setFilters({ outlet: code === chosen ? "" : code });
  const states = {
    asked: outlets.asked,
    problem: outlets.problem,
    empty: lines.length === 0,
    emptyTitle: t("network.empty"),
    emptyText: tier || words ? t("loosen") : t("network.empty_how"),
  };
  return (
    <>
      <Total />
      <div class="grid wide-right">
        <Sheet
          title={t("network.map")}
          foot={<Fresh />}
          controls={
            <Segments
              name="by"
              label={t("network.by")}
              otherwise="sales"
              options={[
                { value: "sales", name: t("sales") },
                { value: "pace", name: t("pace") },
                { value: "stock_outs", name: t("stock_outs") },
                { value: "silence", name: t("silence") },
              ]}
            />
          }
        >
          <States {...states} lines={14}>
            <PlaceMap label={t("network.map")} marks={marks} chosen={chosen} onChoose={choose} />
            <Legend by={by} />
          </States>
        </Sheet>
        <Sheet
          title={t("network.outlets", { count: count(lines.length) })}
          foot={<Fresh askedAtMs={terminals.atMs} />}
          controls={
            <>
              <Search name="find" label={t("find")} />
              <TierChoice />
            </>
          }
        >
          <States {...states} lines={14}>
            <Table
              label={t("outlets")}
              columns={columns(currency.value)}
              rows={lines}
              rowKey={(line) => line.outlet.code}
              sorted={SORTED[by]}
              chosen={chosen}
              onGo={(line) => choose(line.outlet.code)}
            />
            {chosen && (
              <p class="more">
                <strong>{outlets.map.get(chosen)?.name ?? chosen}</strong>{" "}
                <a href={href("sales", "", { by: "outlet", find: chosen })}>{t("sales")}</a> ·{" "}
                <a href={href("stock", "", { outlet: chosen })}>{t("stock")}</a> ·{" "}
                <a href={href("logistics", "", { outlet: chosen })}>{t("logistics")}</a> ·{" "}
                <a href={href("events", "", { outlet: chosen })}>{t("events")}</a>
              </p>
            )}
          </States>
        </Sheet>
      </div>
    </>
  );
}
