// Stock: where it lies and how long it lasts, what is short, what is on its way, and how long it has been wanted.
import { t } from "../base/language";
import { filter, setFilters } from "../base/route";
import { count, duration, money, percent, quantity, tenths } from "../base/format";
import { currency } from "../data/currency";
import { all, kpi, kpis, whole } from "../data/live";
import { useOutlets, useWarehouses } from "../data/network";
import type { Kpi, Policy, Restock, Stock as Shelf } from "../data/rows";
import { numberOf, useTimes } from "../data/times";
import { useRows } from "../data/watch";
import { Search, Segments, Select } from "../parts/choose";
import { Figure, Figures } from "../parts/figure";
import { Fresh } from "../parts/fresh";
import { Chip, OutletName, State, Tier, type Tone } from "../parts/marks";
import { Sheet, States } from "../parts/sheet";
import { Table, type Column } from "../parts/table";

const CLOSED = new Set(["received", "fulfilled", "cancelled"]);
const HOUR = 3600;
const AGES: [string, number][] = [
  ["stock.age_1h", HOUR],
  ["stock.age_4h", 4 * HOUR],
  ["stock.age_24h", 24 * HOUR],
  ["stock.age_more", Infinity],
];

interface Line extends Shelf {
  policy?: Policy;
  coverDays?: number;
}

interface Want extends Restock {
  ageS?: number;
}

const networkNow = () => all.value.reduce((latest, row) => Math.max(latest, row.watermark_us), 0);

function lineOf(shelf: Shelf, policy: Policy | undefined): Line {
  const demand = policy?.demand_milli_per_day ?? 0;
  return { ...shelf, policy, coverDays: demand > 0 ? Math.max(0, shelf.on_hand_milli) / demand : undefined };
}

function toneOf(line: Line): Tone {
  if (line.on_hand_milli <= 0) return "bad";
  return line.policy && line.on_hand_milli <= line.policy.reorder_point_milli ? "warn" : "good";
}

const stateText = (line: Line) =>
  t(
    line.on_hand_milli < 0
      ? "stock.negative"
      : line.on_hand_milli === 0
        ? "stock.out"
        : toneOf(line) === "warn"
          ? "stock.low"
          : "stock.enough",
  );

function shelfColumns(): Column<Line>[] {
  const milli = (
    id: "on_hand_milli" | "in_transit_milli" | "on_order_milli" | "reserved_milli" | "backlog_milli" | "position_milli",
    name: string,
  ): Column<Line> => ({ id, name, numeric: true, sort: (line) => line[id], show: (line) => quantity(line[id]) });
  return [
    { id: "sku", name: t("sku"), sort: (line) => line.sku, show: (line) => <span class="mono">{line.sku}</span> },
    {
      id: "state",
      name: t("state"),
      sort: (line) => line.on_hand_milli - (line.policy?.reorder_point_milli ?? 0),
      show: (line) => <Chip tone={toneOf(line)}>{stateText(line)}</Chip>,
    },
    milli("on_hand_milli", t("stock.on_hand")),
    milli("in_transit_milli", t("stock.in_transit")),
    milli("on_order_milli", t("stock.on_order")),
    milli("reserved_milli", t("stock.reserved")),
    milli("backlog_milli", t("stock.backlog")),
    milli("position_milli", t("stock.position")),
    {
      id: "reorder",
      name: t("stock.reorder_point"),
      numeric: true,
      sort: (line) => line.policy?.reorder_point_milli ?? -1,
      show: (line) => quantity(line.policy?.reorder_point_milli),
    },
    {
      id: "cover",
      name: t("cover"),
      numeric: true,
      sort: (line) => line.coverDays ?? Infinity,
      show: (line) => (line.coverDays === undefined ? "–" : t("days", { count: tenths(line.coverDays * 1000) })),
    },
  ];
}

function Shelves({ outlet }: { outlet: string }) {
  const stock = useRows<Shelf>("stock", { outlet }, 5000),
    policies = useRows<Policy>("policies", { outlet }, 30000);
  const words = filter("find").toUpperCase(),
    only = filter("only");
  const bySku = new Map(policies.rows.map((policy) => [policy.sku, policy]));
  const lines = stock.rows
    .map((shelf) => lineOf(shelf, bySku.get(shelf.sku)))
    .filter(
      (line) => (!words || line.sku.includes(words)) && (!only || toneOf(line) === "bad" || (only === "low" && toneOf(line) === "warn")),
    );
  return (
    <Sheet
      title={t("stock.position_of", { count: count(lines.length) })}
      foot={<Fresh askedAtMs={stock.atMs} />}
      controls={
        <>
          <Segments
            name="only"
            label={t("state")}
            options={[
              { value: "", name: t("all") },
              { value: "low", name: t("stock.low_or_out") },
              { value: "out", name: t("stock.shortfalls") },
            ]}
          />
          <Search name="find" label={t("sku")} />
        </>
      }
    >
      <States
        asked={stock.asked}
        problem={stock.problem}
        empty={lines.length === 0}
        emptyTitle={t(only || words ? "stock.none_so" : "stock.none")}
        emptyText={only || words ? t("loosen") : t("stock.none_how")}
      >
        <Table id="_sku" label={t("stock")} columns={shelfColumns()} rows={lines} rowKey={(line) => line.sku} sorted="state" />
      </States>
    </Sheet>
  );
}

function placeColumns(outlets: ReturnType<typeof useOutlets>): Column<Kpi>[] {
  return [
    {
      id: "outlet",
      name: t("outlet"),
      sort: (row) => outlets.map.get(row.key)?.name ?? row.key,
      show: (row) => <OutletName outlet={outlets.map.get(row.key)} code={row.key} />,
    },
    {
      id: "tier",
      name: t("tier"),
      sort: (row) => outlets.map.get(row.key)?.tier ?? 0,
      show: (row) => <Tier tier={outlets.map.get(row.key)?.tier ?? 0} />,
    },
    {
      id: "value",
      name: t("stock.value"),
      numeric: true,
      sort: (row) => row.stock_value_minor ?? -1,
      show: (row) => money(row.stock_value_minor, row.currency),
    },
    {
      id: "units",
      name: t("stock.units"),
      numeric: true,
      sort: (row) => row.stock_units_milli ?? -1,
      show: (row) => quantity(row.stock_units_milli),
    },
    {
      id: "cover",
      name: t("cover"),
      numeric: true,
      sort: (row) => row.days_of_cover_milli ?? -1,
      show: (row) => (row.days_of_cover_milli === undefined ? "–" : t("days", { count: tenths(row.days_of_cover_milli) })),
    },
    { id: "turnover", name: t("turnover"), numeric: true, sort: (row) => row.turnover_bp ?? -1, show: (row) => percent(row.turnover_bp) },
    { id: "outs", name: t("stock_outs"), numeric: true, sort: (row) => row.stock_outs ?? -1, show: (row) => count(row.stock_outs) },
    {
      id: "service",
      name: t("service_level"),
      numeric: true,
      sort: (row) => row.service_level_bp ?? -1,
      show: (row) => percent(row.service_level_bp),
    },
    {
      id: "heard",
      name: t("completeness"),
      numeric: true,
      sort: (row) => row.completeness_bp,
      show: (row) => percent(row.completeness_bp),
    },
  ];
}

function Places() {
  const outlets = useOutlets(),
    rows = kpis("outlet", "", currency.value);
  return (
    <Sheet title={t("stock.places")} foot={<Fresh />}>
      <States
        asked={whole.value || all.value.length > 0}
        problem={null}
        empty={rows.length === 0}
        emptyTitle={t("stock.none")}
        emptyText={t("stock.none_how")}
      >
        <Table
          label={t("stock.places")}
          columns={placeColumns(outlets)}
          rows={rows}
          rowKey={(row) => row.key}
          sorted="cover"
          onGo={(row) => setFilters({ outlet: row.key, find: "" })}
        />
      </States>
    </Sheet>
  );
}

function wantColumns(outlets: ReturnType<typeof useOutlets>, names: Map<string, { name: string }>): Column<Want>[] {
  return [
    { id: "id", name: t("restock"), sort: (want) => numberOf(want.id), show: (want) => <span class="mono">{want.id}</span> },
    {
      id: "outlet",
      name: t("outlet"),
      sort: (want) => want.outlet,
      show: (want) => <OutletName outlet={outlets.map.get(want.outlet)} code={want.outlet} />,
    },
    { id: "sku", name: t("sku"), sort: (want) => want.sku, show: (want) => <span class="mono">{want.sku}</span> },
    {
      id: "quantity",
      name: t("quantity"),
      numeric: true,
      sort: (want) => want.quantity_milli,
      show: (want) => quantity(want.quantity_milli),
    },
    {
      id: "received",
      name: t("received"),
      numeric: true,
      sort: (want) => want.received_milli,
      show: (want) => quantity(want.received_milli),
    },
    { id: "from", name: t("from"), sort: (want) => want.from, show: (want) => names.get(want.from)?.name ?? want.from },
    { id: "state", name: t("state"), sort: (want) => want.state, show: (want) => <State group="restock" code={want.state} /> },
    {
      id: "age",
      name: t("age"),
      numeric: true,
      sort: (want) => want.ageS ?? -1,
      show: (want) => (want.ageS === undefined ? "–" : duration(want.ageS)),
    },
  ];
}

function Ages({ wants }: { wants: Want[] }) {
  const counts = AGES.map(
    ([, until], i) => wants.filter((want) => want.ageS !== undefined && want.ageS < until && want.ageS >= (AGES[i - 1]?.[1] ?? -1)).length,
  );
  const most = Math.max(1, ...counts);
  return (
    <div class="body">
      <dl class="ages">
        {AGES.map(([key], i) => [
          <dt key={key + "n"}>{t(key as "stock.age_1h")}</dt>,
          <dd key={key + "b"}>
            <div class={`bar ${i === 3 ? "bad" : i === 2 ? "warn" : ""}`}>
              <i style={{ width: `${(counts[i]! / most) * 100}%` }} />
            </div>
          </dd>,
          <dd key={key + "c"} class="num">
            {count(counts[i])}
          </dd>,
        ])}
      </dl>
    </div>
  );
}

function Restocks({ outlet }: { outlet: string }) {
  const outlets = useOutlets(),
    warehouses = useWarehouses();
  const restocks = useRows<Restock>("restocks", outlet ? { outlet } : {}, 5000);
  const open = restocks.rows.filter((restock) => !CLOSED.has(restock.state));
  const times = useTimes(
      "inventory",
      "restock.requested",
      open.map((restock) => restock.id),
    ),
    at = networkNow();
  const wants: Want[] = open.map((restock) => {
    const began = times.get(numberOf(restock.id));
    return { ...restock, ageS: began === undefined ? undefined : Math.max(0, (at - began) / 1e6) };
  });
  const states = {
    asked: restocks.asked,
    problem: restocks.problem,
    empty: wants.length === 0,
    emptyTitle: t("stock.no_restocks"),
    emptyText: t("stock.no_restocks_why"),
  };
  return (
    <>
      <Sheet title={t("stock.ageing")} foot={<Fresh askedAtMs={restocks.atMs} />}>
        <States {...states} lines={4}>
          <Ages wants={wants} />
        </States>
      </Sheet>
      <Sheet title={t("stock.restocks", { count: count(wants.length) })} foot={<Fresh askedAtMs={restocks.atMs} />}>
        <States {...states}>
          <Table
            id="_restock"
            label={t("restock")}
            columns={wantColumns(outlets, warehouses.map)}
            rows={wants}
            rowKey={(want) => want.id}
            sorted="-age"
          />
        </States>
      </Sheet>
    </>
  );
}

export function Stock() {
  const outlets = useOutlets(),
    warehouses = useWarehouses(),
    outlet = filter("outlet");
  const of = outlet ? kpi("outlet", outlet, "", currency.value) : kpi("total", "all", "", currency.value);
  const places = [...outlets.map.values(), ...warehouses.map.values()].map((one) => ({
    value: one.code,
    name: `${one.name} (${one.code})`,
  }));
  return (
    <>
      <Figures row={of}>
        <Figure id="value" name={t("stock.value")} value={money(of?.stock_value_minor, currency.value)} note={t("stock.at_list")} />
        <Figure id="units" name={t("stock.units")} value={quantity(of?.stock_units_milli)} />
        <Figure
          id="cover"
          name={t("cover")}
          value={of?.days_of_cover_milli === undefined ? "–" : t("days", { count: tenths(of.days_of_cover_milli) })}
          note={t("stock.at_pace")}
        />
        <Figure id="stock_outs" name={t("stock_outs")} value={count(of?.stock_outs)} note={t("stock.since_start")} />
        <Figure id="service_level" name={t("service_level")} value={percent(of?.service_level_bp)} note={t("stock.service_note")} />
        <Figure
          id="lead_time"
          name={t("lead_time")}
          value={of?.lead_time_us === undefined ? "–" : duration(of.lead_time_us / 1e6)}
          note={t("restocks_done", { count: count(of?.restocks) })}
        />
      </Figures>
      <div class="controls">
        <Select name="outlet" label={t("place")} options={[{ value: "", name: t("all_outlets") }, ...places]} />
      </div>
      {outlet ? <Shelves outlet={outlet} /> : <Places />}
      <Restocks outlet={outlet} />
    </>
  );
}
