// The measures of the network, live: server-sent events, first everything, then what changes. The browser comes back by itself
// after a short break and says where it was; when it gives up, after an answer that is no stream, we begin anew.
import { computed, signal } from "@preact/signals";
import { signedIn } from "./http";
import { ownTotals } from "./own_total";
import type { Kpi, Scope } from "./rows";

export type Line = "connecting" | "live" | "waiting" | "offline";

export const line = signal<Line>("connecting");
export const lastHeardMs = signal(0);

const kept = new Map<string, Kpi>();
const version = signal(0);
const RETRY_MIN_MS = 500,
  RETRY_MAX_MS = 15000;

let source: EventSource | null = null;
let lastId = "";
let retryMs = RETRY_MIN_MS;
let timer = 0;
let painting = false;

/** Many rows of one turn are one repaint. */
function changed(): void {
  if (painting) return;
  painting = true;
  requestAnimationFrame(() => {
    painting = false;
    version.value++;
  });
}

function take(row: Kpi): void {
  kept.set(nameOf(row), row);
  changed();
}

const nameOf = (row: Kpi) => `${row.scope} ${row.key} ${row.day} ${row.currency}`;

const table = computed<Map<string, Kpi>>(() => {
  void version.value;
  const rows = new Map(kept);
  if (![...rows.values()].some((row) => row.scope === "total")) for (const row of ownTotals(kept.values())) rows.set(nameOf(row), row);
  return rows;
});

export const all = computed<Kpi[]>(() => [...table.value.values()]);

/** Whether everything there is was heard once: before that, nothing is said to be missing. */
export const whole = signal(false);

/** The latest business day that anything was sold on, by the rows of the whole. */
export const today = computed(() => all.value.reduce((day, row) => (row.day > day ? row.day : day), ""));

export const currencies = computed(() => [...new Set(all.value.map((row) => row.currency))].filter(Boolean).sort());

export function kpi(scope: Scope, key: string, day: string, currency: string): Kpi | undefined {
  return table.value.get(`${scope} ${key} ${day} ${currency}`);
}

export function kpis(scope: Scope, day: string, currency: string): Kpi[] {
  return all.value.filter((row) => row.scope === scope && row.day === day && row.currency === currency);
}

function heard(event: MessageEvent<string>): void {
  if (event.lastEventId) lastId = event.lastEventId;
  lastHeardMs.value = Date.now();
  line.value = "live";
  retryMs = RETRY_MIN_MS;
  take(JSON.parse(event.data) as Kpi);
}

function failed(): void {
  line.value = navigator.onLine ? "waiting" : "offline";
  if (source?.readyState !== EventSource.CLOSED) return;
  source = null;
  clearTimeout(timer);
  timer = setTimeout(start, retryMs) as unknown as number;
  retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
}

export function start(): void {
  if (source || signedIn.value === "no") return;
  source = new EventSource("/v1/stream/kpi" + (lastId ? `?last_event_id=${encodeURIComponent(lastId)}` : ""));
  source.onopen = () => {
    line.value = "live";
    lastHeardMs.value = Date.now();
  };
  source.onerror = failed;
  source.addEventListener("kpi", heard as EventListener);
  source.addEventListener("ready", () => (whole.value = true));
}

export function stop(): void {
  source?.close();
  source = null;
  clearTimeout(timer);
}

addEventListener("online", () => {
  stop();
  start();
});
addEventListener("offline", () => (line.value = "offline"));
