// What a page shows is asked for once and then again and again while somebody looks. Pages that ask for the same share one
// asking, and the last answer stays when a page is left: who comes back sees it at once and nothing jumps.
import { signal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { rows, signedIn, type Problem, type Rows } from "./http";

export interface Watched<T> {
  rows: T[];
  whole: boolean;
  asked: boolean; // an answer was there once
  problem: Problem | null; // of the last asking; rows are those of the last good one
  atMs: number;
}

interface Watch {
  value: Signal<Watched<unknown>>;
  ask: () => Promise<Rows<unknown>>;
  everyMs: number;
  viewers: number;
  timer: number;
  busy: boolean;
}

const watches = new Map<string, Watch>();
const RETRY_MS = 2000,
  KEPT = 60;

function again(watch: Watch, ms: number): void {
  clearTimeout(watch.timer);
  watch.timer = setTimeout(() => void refresh(watch), ms) as unknown as number;
}

async function refresh(watch: Watch): Promise<void> {
  if (watch.viewers === 0 || watch.busy) return;
  if (document.hidden || signedIn.value === "no") return again(watch, RETRY_MS);
  watch.busy = true;
  const before = watch.value.value;
  try {
    const answer = await watch.ask();
    watch.value.value = { ...answer, asked: true, problem: null, atMs: Date.now() };
  } catch (error) {
    watch.value.value = { ...before, problem: error as Problem };
  }
  watch.busy = false;
  again(watch, watch.value.value.problem ? RETRY_MS : watch.everyMs);
}

/** Watches that nobody looks at are forgotten, oldest first, so that a long day of looking around stays small. */
function forget(): void {
  for (const [key, watch] of watches) {
    if (watches.size <= KEPT) return;
    if (watch.viewers === 0) watches.delete(key);
  }
}

function find<T>(key: string, everyMs: number, ask: () => Promise<Rows<T>>): Watch {
  let watch = watches.get(key);
  if (!watch) {
    const value = signal<Watched<unknown>>({ rows: [], whole: true, asked: false, problem: null, atMs: 0 });
    watch = { value, ask, everyMs, viewers: 0, timer: 0, busy: false };
    watches.set(key, watch);
    forget();
  }
  return watch;
}

/** Any asking under a name. */
export function useAsked<T>(key: string, everyMs: number, ask: () => Promise<Rows<T>>): Watched<T> {
  const watch = find(key, everyMs, ask);
  useEffect(() => {
    watch.viewers++;
    again(watch, watch.value.peek().asked && Date.now() - watch.value.peek().atMs < everyMs ? everyMs : 0);
    return () => {
      watch.viewers--;
      if (watch.viewers === 0) clearTimeout(watch.timer);
    };
  }, [key]);
  return watch.value.value as Watched<T>;
}

/** Rows of /v1/WHAT with filters. */
export function useRows<T>(what: string, filters: Record<string, string>, everyMs: number): Watched<T> {
  return useAsked<T>(`${what}?${new URLSearchParams(filters)}`, everyMs, () => rows<T>(what, filters));
}

/** Ask for something anew at once, after an act that changed it. */
export function askAgain(what: string): void {
  for (const [key, watch] of watches) if (key.startsWith(what + "?")) again(watch, 0);
}

export function askAllAgain(): void {
  for (const watch of watches.values()) again(watch, 0);
}
