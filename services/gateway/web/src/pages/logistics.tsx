// Logistics: shipments on a time line, those that miss their promise first, and the rounds that are driven on the map.
import { t } from "../base/language";
import { filter, href, setFilters } from "../base/route";
import { count, duration, money, moment, percent } from "../base/format";
import { currency } from "../data/currency";
import { all, kpi } from "../data/live";
import { eventPage, headOf } from "../data/events";
import { useOutlets, useWarehouses } from "../data/network";
import type { Happening, Shipment } from "../data/rows";
import { numberOf, useTimes } from "../data/times";
import { useAsked, useRows } from "../data/watch";
import { Segments, Select } from "../parts/choose";
import { Figure, Figures } from "../parts/figure";
import { Fresh } from "../parts/fresh";
import { PlaceMap } from "../parts/map";
import type { Mark, Round } from "../parts/map_paint";
import { State } from "../parts/marks";
import { Sheet, States } from "../parts/sheet";
import { Table, type Column } from "../parts/table";

const ARRIVED = new Set(["delivered", "received"]);
const ROUTES_SHOWN = 12,
  ROUTES_READ = 400;

interface Trip extends Shipment {
  plannedUs?: number;
  lateS: number; // behind its promise and not there; 0 when in time or arrived
}

interface Scale {
  from: number;
  until: number;
  now: number;
}

const networkNow = () => all.value.reduce((latest, row) => Math.max(latest, row.watermark_us), 0);
const isOpen = (trip: Shipment) => !ARRIVED.has(trip.state) && trip.state !== "cancelled";

function tripOf(shipment: Shipment, plannedUs: number | undefined, at: number): Trip {
  return { ...shipment, plannedUs, lateS: isOpen(shipment) && shipment.promised_us < at ? (at - shipment.promised_us) / 1e6 : 0 };
}

function scaleOf(trips: Trip[], now: number): Scale {
  const begins = trips.map((trip) => trip.plannedUs ?? trip.promised_us),
    ends = trips.map((trip) => trip.promised_us);
  return { from: Math.min(now, ...begins), until: Math.max(now, ...ends) + 1, now };
}

function TimeLine({ trip, scale }: { trip: Trip; scale: Scale }) {
  const place = (us: number) => ((us - scale.from) / (scale.until - scale.from)) * 100;
  const begin = place(trip.plannedUs ?? trip.promised_us),
    end = place(trip.promised_us);
  return (
    <div class="time-line" role="img" aria-label={`${moment(trip.plannedUs)} – ${moment(trip.promised_us)}`}>
      <i class={ARRIVED.has(trip.state) ? "done" : ""} style={{ left: `${Math.min(begin, end)}%`, width: `${Math.abs(end - begin)}%` }} />
      {trip.lateS > 0 && <i class="late" style={{ left: `${end}%`, width: `${place(scale.now) - end}%` }} />}
      <b style={{ left: `${place(scale.now)}%` }} />
    </div>
  );
}

function TimeScale({ scale }: { scale: Scale }) {
  return (
    <span class="time-scale">
      <span>{moment(scale.from, false)}</span>
      <span>{moment(scale.until, false)}</span>
    </span>
  );
}

function columns(outlets: ReturnType<typeof useOutlets>, names: Map<string, { name: string }>, scale: Scale): Column<Trip>[] {
  return [
    {
      id: "id",
      name: t("shipment"),
      sort: (trip) => numberOf(trip.id),
      show: (trip) => (
        <span class="two-line">
          <a href={href("logistics", "", { outlet: trip.outlet })}>{outlets.map.get(trip.outlet)?.name ?? trip.outlet}</a>
          <span class="sub mono">{trip.id}</span>
        </span>
      ),
    },
    { id: "line", name: <TimeScale scale={scale} />, show: (trip) => <TimeLine trip={trip} scale={scale} /> },
    {
      id: "late",
      name: t("promised"),
      sort: (trip) => trip.lateS || trip.promised_us / -1e15,
      show: (trip) => (
        <span class="two-line">
          <span>{moment(trip.promised_us, false)}</span>
          <span class={trip.lateS ? "bad-ink" : "sub"}>
            {trip.lateS ? t("late_by", { age: duration(trip.lateS) }) : ARRIVED.has(trip.state) ? t("arrived") : t("in_time")}
          </span>
        </span>
      ),
    },
    { id: "state", name: t("state"), sort: (trip) => trip.state, show: (trip) => <State group="shipment" code={trip.state} /> },
    { id: "from", name: t("from"), sort: (trip) => trip.warehouse, show: (trip) => names.get(trip.warehouse)?.name ?? trip.warehouse },
    { id: "carrier", name: t("carrier"), sort: (trip) => trip.carrier, show: (trip) => trip.carrier },
    { id: "lines", name: t("lines"), numeric: true, sort: (trip) => trip.lines, show: (trip) => count(trip.lines) },
    { id: "cost", name: t("cost"), numeric: true, sort: (trip) => trip.cost_minor, show: (trip) => money(trip.cost_minor, trip.currency) },
  ];
}

/** The latest rounds: their stops are told by events alone. */
function useRounds(): { rounds: Happening[]; asked: boolean } {
  const watched = useAsked<Happening>("rounds?", 15000, async () => {
    const head = await headOf("logistics");
    const { events } = await eventPage("logistics", Math.max(0, head - ROUTES_READ * 4), ROUTES_READ, "route.planned");
    return { rows: events, whole: true };
  });
  return { rounds: watched.rows, asked: watched.asked };
}

function RoutesMap({ trips, outlet }: { trips: Trip[]; outlet: string }) {
  const outlets = useOutlets(),
    warehouses = useWarehouses(),
    { rounds } = useRounds();
  const spots = new Map(
    [...outlets.map.values(), ...warehouses.map.values()].flatMap((one) =>
      one.latitude !== null && one.longitude !== null ? [[one.code, { latitude: one.latitude, longitude: one.longitude }]] : [],
    ),
  );
  const open = new Set(trips.filter(isOpen).map((trip) => trip.id)),
    late = new Set(trips.filter((trip) => trip.lateS).map((trip) => trip.id));
  const shown = rounds
    .filter((round) => stopsOf(round).some((stop) => open.has(stop.shipment) && (!outlet || stop.outlet === outlet)))
    .slice(-ROUTES_SHOWN);
  const drawn: Round[] = shown.map((round, i) => {
    const way = [String(round.data.warehouse), ...stopsOf(round).map((stop) => stop.outlet), String(round.data.warehouse)];
    return { spots: way.flatMap((code) => spots.get(code) ?? []), colour: `s-${(i % 8) + 1}` };
  });
  const toGo = new Map<string, Trip[]>();
  for (const trip of trips.filter(isOpen)) toGo.set(trip.outlet, [...(toGo.get(trip.outlet) ?? []), trip]);
  const marks: Mark[] = [];
  for (const one of warehouses.map.values())
    if (spots.has(one.code))
      marks.push({
        ...spots.get(one.code)!,
        code: one.code,
        name: one.name,
        shape: "square",
        colour: "ink-2",
        size: 8,
        text: `${one.name} · ${t("warehouse")}`,
      });
  for (const one of outlets.map.values()) {
    const here = toGo.get(one.code) ?? [];
    if (spots.has(one.code))
      marks.push({
        ...spots.get(one.code)!,
        code: one.code,
        name: one.name,
        shape: one.tier === 1 ? "round" : "diamond",
        colour: here.some((trip) => late.has(trip.id)) ? "bad" : here.length ? "accent" : "mute",
        size: here.length ? 8 : 5,
        text: `${one.name} · ${t("logistics.open_here", { count: count(here.length) })}`,
      });
  }
  return (
    <Sheet title={t("logistics.routes", { count: count(shown.length) })} foot={<Fresh />}>
      <States
        asked={outlets.asked}
        problem={outlets.problem}
        empty={marks.length === 0}
        emptyTitle={t("network.empty")}
        emptyText={t("network.empty_how")}
        lines={14}
      >
        <PlaceMap
          label={t("logistics.map")}
          marks={marks}
          rounds={drawn}
          chosen={outlet}
          onChoose={(code) => setFilters({ outlet: code === outlet || !outlets.map.has(code) ? "" : code })}
        />
        <p class="legend under-map">{t("map.shapes")}</p>
      </States>
    </Sheet>
  );
}

function stopsOf(round: Happening): { outlet: string; shipment: string }[] {
  return Array.isArray(round.data.stops) ? (round.data.stops as { outlet: string; shipment: string }[]) : [];
}

export function Logistics() {
  const outlets = useOutlets(),
    warehouses = useWarehouses(),
    outlet = filter("outlet"),
    only = filter("only", "open"),
    at = networkNow();
  const shipments = useRows<Shipment>("shipments", outlet ? { outlet } : {}, 5000);
  const times = useTimes(
    "logistics",
    "shipment.planned",
    shipments.rows.map((one) => one.id),
  );
  const trips = shipments.rows.map((one) => tripOf(one, times.get(numberOf(one.id)), at));
  const shown = trips.filter(
    (trip) => only === "all" || (only === "late" ? trip.lateS > 0 : only === "open" ? isOpen(trip) : ARRIVED.has(trip.state)),
  );
  const of = kpi("total", "all", "", currency.value),
    late = trips.filter((trip) => trip.lateS > 0).length;
  return (
    <>
      <Figures askedAtMs={shipments.atMs}>
        <Figure id="late" name={t("logistics.late")} value={shipments.asked ? count(late) : "–"} note={t("logistics.late_note")} />
        <Figure
          id="open"
          name={t("logistics.open")}
          value={shipments.asked ? count(trips.filter(isOpen).length) : "–"}
          note={t("logistics.of_all", { count: count(trips.length) })}
        />
        <Figure id="on_time" name={t("on_time")} value={percent(of?.on_time_bp)} note={t("logistics.on_time_note")} />
        <Figure
          id="lead_time"
          name={t("lead_time")}
          value={of?.lead_time_us === undefined ? "–" : duration(of.lead_time_us / 1e6)}
          note={t("restocks_done", { count: count(of?.restocks) })}
        />
      </Figures>
      <div class="controls">
        <Segments
          name="only"
          label={t("state")}
          otherwise="open"
          options={[
            { value: "open", name: t("logistics.open") },
            { value: "late", name: t("logistics.late") },
            { value: "arrived", name: t("arrived") },
            { value: "all", name: t("all") },
          ]}
        />
        <Select
          name="outlet"
          label={t("to")}
          options={[
            { value: "", name: t("all_outlets") },
            ...[...outlets.map.values()].map((one) => ({ value: one.code, name: `${one.name} (${one.code})` })),
          ]}
        />
      </div>
      <Shipments
        asked={shipments.asked}
        problem={shipments.problem}
        atMs={shipments.atMs}
        trips={shown}
        outlets={outlets}
        names={warehouses.map}
        at={at}
      />
      <RoutesMap trips={trips} outlet={outlet} />
    </>
  );
}

interface ShipmentsProps extends Pick<ReturnType<typeof useRows>, "asked" | "problem" | "atMs"> {
  trips: Trip[];
  outlets: ReturnType<typeof useOutlets>;
  names: Map<string, { name: string }>;
  at: number;
}

function Shipments({ asked, problem, atMs, trips, outlets, names, at }: ShipmentsProps) {
  const scale = scaleOf(trips, at);
  return (
    <Sheet title={t("logistics.shipments", { count: count(trips.length) })} foot={<Fresh askedAtMs={atMs} />}>
      <States
        asked={asked}
        problem={problem}
        empty={trips.length === 0}
        emptyTitle={t("logistics.none")}
        emptyText={t("logistics.none_why")}
      >
        <Table label={t("shipment")} columns={columns(outlets, names, scale)} rows={trips} rowKey={(trip) => trip.id} sorted="-late" />
      </States>
    </Sheet>
  );
}
