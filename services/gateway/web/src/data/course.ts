// How a day went: its recorded sales out of the journal of orders, in order, up to a limit. Where the day begins in the journal is
// found by halving: a business day only moves forward there, but for tills that come back late, whose tickets fall to the day
// they name.
import { eventPage, headOf } from "./events";
import type { Happening } from "./rows";

export interface Sale {
  atS: number;
  outlet: string;
  tier: number;
  amount: number; // minor units
  units: number; // thousandths
  lines: { sku: string; amount: number; quantity: number }[];
  currency: string;
}

export interface Course {
  sales: Sale[];
  whole: boolean; // false: the day has more than was read
}

const SALE = "sale.recorded",
  PAGE = 1000,
  PAGES_MAX = 6;

function saleOf(event: Happening): Sale {
  const data = event.data as { outlet: string; tier: number; total: number; units: number; currency: string; lines: Sale["lines"] };
  return {
    atS: event.time_us / 1e6,
    outlet: data.outlet,
    tier: data.tier,
    amount: data.total,
    units: data.units,
    lines: data.lines ?? [],
    currency: data.currency,
  };
}

const dayOf = (event: Happening) => String(event.data.day ?? "");

/** The first sale behind a place in the journal that our key may see; undefined: there is none. */
async function firstBehind(after: number): Promise<Happening | undefined> {
  for (;;) {
    const { events, next, head } = await eventPage("orders", after, 1, SALE);
    if (events[0] || next >= head || next <= after) return events[0];
    after = next;
  }
}

/** The sequence behind which the first sale of a day stands. */
async function beginning(day: string, head: number): Promise<number> {
  let low = 0,
    high = head;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const first = await firstBehind(middle);
    if (!first || dayOf(first) >= day) high = middle;
    else low = Math.max(first.seq, middle + 1);
  }
  return low;
}

export async function course(day: string): Promise<Course> {
  const sales: Sale[] = [];
  let after = await beginning(day, await headOf("orders"));
  for (let page = 0; page < PAGES_MAX; page++) {
    const { events, next, head } = await eventPage("orders", after, PAGE, SALE);
    for (const event of events) if (dayOf(event) === day) sales.push(saleOf(event));
    const last = events.at(-1);
    if (next >= head || next <= after || (last && dayOf(last) > day)) return { sales: inTime(sales), whole: true };
    after = next;
  }
  return { sales: inTime(sales), whole: false };
}

function inTime(sales: Sale[]): Sale[] {
  return sales.sort((a, b) => a.atS - b.atS);
}
