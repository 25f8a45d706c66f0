// The live tail: events as they are recorded, over a WebSocket, filtered and capped by the gateway. It begins with the latest of the
// journals, so that there is something to see, and what is kept stays within a bound.
import { signal } from "@preact/signals";
import { eventPage, headOf } from "./events";
import type { Happening } from "./rows";

export interface TailFilter {
  service: string; // one, or several with commas
  type: string;
  outlet: string;
}

export type TailState = "connecting" | "live" | "waiting";

export const tailState = signal<TailState>("connecting");
export const events = signal<Happening[]>([]);
export const dropped = signal(0); // left out by the gateway: more than the rate, or than we could read

const KEPT = 300,
  LOOK_BACK = 60,
  RATE = 60,
  RETRY_MS = 1500;

let socket: WebSocket | null = null;
let wanted: TailFilter | null = null;
let timer = 0;
let waiting: Happening[] = [];
let painting = false;

/** Newest first; an event that was heard twice, from the journal and live, stands once. */
function paint(): void {
  painting = false;
  const known = new Set(events.value.map((event) => event.id));
  const fresh = waiting.filter((event) => !known.has(event.id));
  waiting = [];
  if (fresh.length) events.value = [...fresh, ...events.value].sort((a, b) => b.recorded_us - a.recorded_us || b.seq - a.seq).slice(0, KEPT);
}

function add(some: Happening[]): void {
  waiting.push(...some);
  if (painting) return;
  painting = true;
  requestAnimationFrame(paint);
}

function heard(message: MessageEvent<string>): void {
  const said = JSON.parse(message.data) as Happening | { dropped: number };
  if ("dropped" in said) dropped.value += said.dropped;
  else add([said]);
}

async function lookBack(filter: TailFilter): Promise<void> {
  for (const service of filter.service.split(",")) {
    try {
      const head = await headOf(service);
      // A filter may pass over many: more of the journal is looked at, no more of it is taken.
      const back = filter.type || filter.outlet ? LOOK_BACK * 50 : LOOK_BACK;
      const { events } = await eventPage(service, Math.max(0, head - back), 1000, filter.type, filter.outlet);
      if (wanted === filter) add(events.slice(-LOOK_BACK));
    } catch {
      // the tail says by itself that there is no line
    }
  }
}

function connect(): void {
  if (!wanted) return;
  const query = new URLSearchParams({ rate: String(RATE) });
  for (const [name, value] of Object.entries(wanted)) if (value) query.set(name, value as string);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = (socket = new WebSocket(`${scheme}://${location.host}/v1/live?${query}`, "tributary.v1"));
  const filter = wanted;
  mine.onopen = () => {
    tailState.value = "live";
    void lookBack(filter);
  };
  mine.onmessage = heard;
  mine.onclose = () => {
    if (mine !== socket) return;
    tailState.value = "waiting";
    timer = setTimeout(connect, RETRY_MS) as unknown as number;
  };
}

/** Begins, or begins anew with other filters. */
export function follow(filter: TailFilter): void {
  leave();
  wanted = filter;
  tailState.value = "connecting";
  connect();
}

export function leave(): void {
  clearTimeout(timer);
  wanted = null;
  const last = socket;
  socket = null;
  last?.close();
}

export function clear(): void {
  events.value = [];
  dropped.value = 0;
}
