// The gateway's HTTP API, as far as this page uses it: rows page by page, one document, one act. Everything that can go wrong
// becomes a Problem, so that pages have one thing to show.
import { signal } from "@preact/signals";

export interface Problem {
  status: number; // 0: the gateway was not reached
  title: string;
  detail: string;
}

export interface Rows<T> {
  rows: T[];
  whole: boolean; // false: there are more than were asked for
}

/** Whether the gateway knows us: "unknown" until it has said. */
export const signedIn = signal<"unknown" | "yes" | "no">("unknown");
/** What an act has to show beside the cookie. */
export const csrf = signal("");
/** Services that did not answer when all were asked. */
export const unreachable = signal<string[]>([]);
/** How far this machine's clock is ahead of the gateway's, in seconds; the header Date knows no less than one. */
export const clockSkew = signal(0);

const LIMIT = 1000,
  PAGES_MAX = 20,
  PATIENCE_MS = 15000;

async function problemOf(answer: Response): Promise<Problem> {
  let said: { title?: string; detail?: string } = {};
  try {
    said = (await answer.json()) as typeof said;
  } catch {
    // not every error passes through the API: the status alone has to do
  }
  return { status: answer.status, title: said.title ?? answer.statusText, detail: said.detail ?? "" };
}

function noteClock(answer: Response, sent: number): void {
  const date = Date.parse(answer.headers.get("date") ?? "");
  if (!Number.isNaN(date)) clockSkew.value = Math.trunc(((sent + Date.now()) / 2 - date) / 1000);
}

export async function call(path: string, init: RequestInit = {}): Promise<unknown> {
  const sent = Date.now();
  let answer: Response;
  try {
    answer = await fetch(path, {
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...init,
      headers: { Accept: "application/json", ...init.headers },
    });
  } catch (error) {
    throw { status: 0, title: "", detail: String(error) } satisfies Problem;
  }
  noteClock(answer, sent);
  if (answer.status === 401) signedIn.value = "no";
  if (!answer.ok) throw await problemOf(answer);
  signedIn.value = "yes";
  return answer.status === 204 ? null : await answer.json();
}

function withQuery(path: string, values: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined && value !== "") query.set(name, String(value));
  const text = query.toString();
  return text ? `${path}${path.includes("?") ? "&" : "?"}${text}` : path;
}

/** All rows of an answer, at most PAGES_MAX pages of them. */
export async function rows<T>(what: string, filters: Record<string, string> = {}): Promise<Rows<T>> {
  const all: T[] = [];
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = (await call(withQuery(`/v1/${what}`, { ...filters, limit: LIMIT, after }))) as {
      rows: T[];
      next?: string;
      unreachable?: string[];
    };
    all.push(...answer.rows);
    if (answer.unreachable && String(answer.unreachable) !== String(unreachable.value)) unreachable.value = answer.unreachable;
    after = answer.next;
    if (!after) return { rows: all, whole: true };
  }
  return { rows: all, whole: false };
}

/** An act: POST, with what shows that this page means it. */
export function act(path: string): Promise<unknown> {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf.value }, body: "{}" });
}
