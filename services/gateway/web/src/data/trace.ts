// One event by its name, and its causes and effects as a tree.
import { eventPage } from "./events";
import { call, type Rows } from "./http";
import type { Happening } from "./rows";

interface Traced {
  id: string;
  type: string;
  subject: string;
  cause: string;
  recorded_us: number;
  found: boolean; // false: said from outside, in no journal
}

export interface Step extends Traced {
  depth: number;
}

export async function eventOf(id: string): Promise<Rows<Happening>> {
  const at = id.lastIndexOf("#"),
    seq = Number(id.slice(at + 1));
  const { events } = await eventPage(id.slice(0, at), seq - 1, 1);
  return { rows: events.filter((event) => event.seq === seq), whole: true };
}

/** Each event under its cause, those of one cause by time. */
function tree(events: Traced[]): Step[] {
  const known = new Set(events.map((event) => event.id)),
    effects = new Map<string, Traced[]>();
  for (const event of events) {
    const cause = known.has(event.cause) ? event.cause : "";
    effects.set(cause, [...(effects.get(cause) ?? []), event]);
  }
  const steps: Step[] = [];
  const walk = (cause: string, depth: number): void => {
    for (const event of (effects.get(cause) ?? []).sort((a, b) => a.recorded_us - b.recorded_us)) {
      steps.push({ ...event, depth });
      walk(event.id, depth + 1);
    }
  };
  walk("", 0);
  return steps;
}

export async function traceOf(id: string): Promise<Rows<Step>> {
  const answer = (await call(`/v1/trace/${encodeURIComponent(id)}`)) as { events: Traced[]; complete: boolean };
  return { rows: tree(answer.events), whole: answer.complete };
}
