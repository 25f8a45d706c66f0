// Sales of a day as rising lines: the hours that the network has summed, ending at what the live measures say now; and the same
// weekday of last week laid over them, to its end.
import type { Hour, Kpi } from "../data/rows";

export type Metric = "revenue" | "units" | "tickets";
/** The sums by the second that they are of, in order. */
export type Line = Map<number, number>;

const HOUR_S = 3600,
  WEEK_S = 7 * 86400,
  LATE_S = 37 * HOUR_S; // behind a day's beginning in UTC: the hour that everything counts in that came for a day long over

const FIELDS = { revenue: "revenue_minor", units: "units_milli", tickets: "tickets" } as const;

export function valueOf(row: Kpi | Hour | undefined, metric: Metric): number {
  return row?.[FIELDS[metric]] ?? 0;
}

function rising(hours: Hour[], metric: Metric): Line {
  const sums: Line = new Map(),
    own: Line = new Map();
  for (const hour of hours) {
    const at = hour.hour_us / 1e6;
    if (at < Date.parse(hour.day) / 1000 + LATE_S) own.set(at, (own.get(at) ?? 0) + valueOf(hour, metric));
  }
  const begun = Math.min(...own.keys()),
    ended = Math.max(...own.keys());
  let sum = 0;
  for (let at = begun; at <= ended; at += HOUR_S) {
    if (at === begun) sums.set(at, 0);
    sums.set(at + HOUR_S, (sum += own.get(at) ?? 0));
  }
  return sums;
}

/** A day that goes on: its hours that are over, and where it stands. */
export function lineOfToday(hours: Hour[], metric: Metric, now: Kpi, untilS: number): Line {
  const line = new Map([...rising(hours, metric)].filter(([at]) => at < untilS));
  return line.size ? line.set(untilS, valueOf(now, metric)) : line;
}

/** A day of last week, laid over today. What came for it later is in its last point. */
export function lineOfLastWeek(hours: Hour[], metric: Metric, whole: Kpi | undefined): Line {
  const line = new Map([...rising(hours, metric)].map(([at, sum]) => [at + WEEK_S, sum]));
  return line.size ? line.set([...line.keys()].at(-1)!, valueOf(whole, metric)) : line;
}

/** Lines over one axis. */
export function drawn(lines: Line[]): { x: number[]; values: (number | null)[][] } {
  const x = [...new Set(lines.flatMap((line) => [...line.keys()]))].sort((a, b) => a - b);
  return { x, values: lines.map((line) => x.map((at) => line.get(at) ?? null)) };
}
