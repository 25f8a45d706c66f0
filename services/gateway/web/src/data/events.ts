// Events out of the journals: pages of them, and where a moment lies in a journal.
import { call } from "./http";
import type { Happening } from "./rows";

export interface EventPage {
  events: Happening[];
  next: number; // the sequence after which to go on
  head: number;
}

export async function eventPage(service: string, after: number, limit: number, type = "", key = ""): Promise<EventPage> {
  const query = new URLSearchParams({ service, after: String(after), limit: String(limit) });
  if (type) query.set("type", type);
  if (key) query.set("key", key);
  return (await call(`/v1/events?${query}`)) as EventPage;
}

// Behind every event there will ever be, and still a sequence: a cursor there brings the head and nothing else.
const BEYOND = 2 ** 52;

/** The last sequence of a journal. */
export async function headOf(service: string): Promise<number> {
  return (await eventPage(service, BEYOND, 1)).head;
}
