// The whole of what a dealer sees: the network tells a dealer its outlets, not the whole, so what can be added up is added up here. Rates
// are not: half a rate and half a rate are no rate.
import type { Kpi } from "./rows";

const SUMS = [
  "revenue_minor",
  "returns_minor",
  "units_milli",
  "returned_units_milli",
  "tickets",
  "return_tickets",
  "stock_value_minor",
  "stock_units_milli",
  "stock_outs",
  "restocks",
  "terminals_heard",
  "terminals_expected",
] as const;

function add(sum: Kpi | undefined, row: Kpi): Kpi {
  const { scope: _scope, key: _key, turnover_bp: _turnover, ...rest } = row;
  if (!sum) {
    const { days_of_cover_milli: _cover, service_level_bp: _level, lead_time_us: _lead, on_time_bp: _time, ...first } = rest;
    return { ...first, scope: "total", key: "all" };
  }
  const next = { ...sum, watermark_us: Math.max(sum.watermark_us, row.watermark_us) };
  for (const name of SUMS) if (row[name] !== undefined) next[name] = (sum[name] ?? 0) + row[name];
  return next;
}

export function ownTotals(rows: Iterable<Kpi>): Kpi[] {
  const sums = new Map<string, Kpi>();
  for (const row of rows) if (row.scope === "outlet") sums.set(row.day + row.currency, add(sums.get(row.day + row.currency), row));
  return [...sums.values()].map((sum) => ({
    ...sum,
    average_ticket_minor: sum.tickets ? Math.round(sum.revenue_minor / sum.tickets) : 0,
    completeness_bp: sum.terminals_expected ? Math.floor((sum.terminals_heard * 10000) / sum.terminals_expected) : 0,
  }));
}
