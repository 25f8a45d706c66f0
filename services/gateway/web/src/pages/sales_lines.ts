// Sales of a day as rising lines, one for each tier, outlet or category: sums of the recorded sales, ending at what the live
// measures say now.
import type { Course, Sale } from "../data/course";
import type { Kpi, Scope } from "../data/rows";

export type Metric = "revenue" | "units" | "tickets";

const STEP_S = 300,
  WEEK_S = 7 * 86400;

export function valueOf(row: Kpi | undefined, metric: Metric): number {
  if (!row) return 0;
  return metric === "revenue" ? row.revenue_minor : metric === "units" ? row.units_milli : row.tickets;
}

/** What one sale adds to whom; a ticket over two categories counts for each of them. */
function shares(sale: Sale, scope: Scope, metric: Metric, categories: Map<string, string>): [string, number][] {
  const own = metric === "revenue" ? sale.amount : metric === "units" ? sale.units : 1;
  if (scope === "total") return [["all", own]];
  if (scope === "tier") return [[String(sale.tier), own]];
  if (scope === "outlet") return [[sale.outlet, own]];
  if (metric === "tickets") return [...new Set(sale.lines.map((line) => categories.get(line.sku) ?? ""))].map((category) => [category, 1]);
  return sale.lines.map((line) => [categories.get(line.sku) ?? "", metric === "revenue" ? line.amount : line.quantity]);
}

/** The moments of the axis: every five minutes from the first sale to the last. */
export function axis(courses: Course[], untilS: number): number[] {
  const first = Math.min(...courses.map((course) => course.sales[0]?.atS ?? Infinity));
  if (!Number.isFinite(first)) return [];
  const x: number[] = [];
  for (let at = Math.floor(first / STEP_S) * STEP_S; at < untilS; at += STEP_S) x.push(at);
  return [...x, untilS];
}

/** The sums at each moment of the axis. Nothing is said of moments behind the last that was read. */
export function rising(
  course: Course,
  x: number[],
  key: string,
  scope: Scope,
  metric: Metric,
  currency: string,
  categories: Map<string, string>,
): (number | null)[] {
  const last = course.sales.at(-1)?.atS ?? 0;
  const values: (number | null)[] = [];
  let sum = 0,
    i = 0;
  for (const at of x) {
    for (; i < course.sales.length && course.sales[i]!.atS <= at; i++) {
      const sale = course.sales[i]!;
      if (sale.currency === currency) for (const [whose, what] of shares(sale, scope, metric, categories)) if (whose === key) sum += what;
    }
    values.push(!course.whole && at > last ? null : sum);
  }
  return values;
}

/** A course of the week before, laid over today's. */
export function shifted(course: Course): Course {
  return { ...course, sales: course.sales.map((sale) => ({ ...sale, atS: sale.atS + WEEK_S })) };
}
