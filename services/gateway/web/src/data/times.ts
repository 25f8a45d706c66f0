// When things began: rows of restocks and shipments do not say, the events that began them do. A number such as R-300 is the
// sequence of that event, so one walk through the journal from the least of them tells all.
import { eventPage } from "./events";
import { useAsked } from "./watch";

const PAGE = 1000,
  PAGES_MAX = 5,
  EVERY_MS = 15000;

async function walk(service: string, type: string, from: number): Promise<Map<number, number>> {
  const times = new Map<number, number>();
  let after = from - 1;
  for (let page = 0; page < PAGES_MAX; page++) {
    const { events, next, head } = await eventPage(service, after, PAGE, type);
    for (const event of events) times.set(event.seq, event.time_us);
    if (next >= head || next <= after) break;
    after = next;
  }
  return times;
}

export const numberOf = (id: string) => Number(id.replace(/^\D*/, "")) || 0;

/** Times by number; those behind the walk's end are missing. */
export function useTimes(service: string, type: string, ids: string[]): Map<number, number> {
  const from = ids.reduce((least, id) => Math.min(least, numberOf(id) || Infinity), Infinity);
  const known = Number.isFinite(from);
  const watched = useAsked<Map<number, number>>(`times?${service} ${type} ${known ? from : ""}`, EVERY_MS, async () => ({
    rows: known ? [await walk(service, type, from)] : [],
    whole: true,
  }));
  return watched.rows[0] ?? new Map<number, number>();
}
