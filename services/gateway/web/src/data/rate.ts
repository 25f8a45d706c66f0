// How fast a count grows while somebody looks, in a second: what it has gained over the last half minute.
import { useRef } from "preact/hooks";

const WINDOW_MS = 30000;
const samples = new Map<string, [number, number][]>();

export function useRate(name: string, value: number): number {
  const last = useRef(-1),
    at = Date.now();
  const kept = samples.get(name) ?? [];
  if (last.current !== value) {
    last.current = value;
    kept.push([at, value]);
    while (kept.length > 2 && kept[0]![0] < at - WINDOW_MS) kept.shift();
    samples.set(name, kept);
  }
  const first = kept[0];
  return first && at > first[0] ? Math.max(0, ((value - first[1]) * 1000) / (at - first[0])) : 0;
}
