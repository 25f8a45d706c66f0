// Events: the live tail, newest first, with filters and a pause; each leads to its own page.
import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import { t } from "../base/language";
import { filter, href, setFilters } from "../base/route";
import { count, moment } from "../base/format";
import { clear, events, follow, leave, dropped, tailState } from "../data/tail";
import type { Happening } from "../data/rows";
import { Select } from "../parts/choose";
import { Fresh } from "../parts/fresh";
import { Icon } from "../parts/icon";
import { Blank, Sheet } from "../parts/sheet";

export const SERVICES = ["partners", "orders", "inventory", "logistics", "kpi"];

const paused = signal(false);
const PAUSE_KEY = "p",
  TYPING_MS = 400;

const MOMENTS = 1e15; // a number beyond is one, in microseconds

/** The fields of an event in one line, the telling ones first; the whole is on its page. */
function glimpse(event: Happening): string {
  return Object.entries(event.data ?? {})
    .filter(([name, value]) => typeof value !== "object" && name !== "outlet" && value !== event.subject)
    .map(([name, value]) => `${name} ${Number(value) > MOMENTS ? moment(Number(value)) : String(value)}`)
    .join(" · ");
}

function Line({ event }: { event: Happening }) {
  return (
    <a class="event" href={href("events", event.id)} data-event={event.id}>
      <span class="sub at">{moment(event.recorded_us || event.time_us)}</span>
      <span class="mono id">{event.id}</span>
      <span class="type">{event.type}</span>
      <span class="subject">{event.subject}</span>
      <span class="sub data">{glimpse(event)}</span>
    </a>
  );
}

function TextFilter({ name, label }: { name: string; label: string }) {
  const timer = useRef(0);
  const later = (value: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setFilters({ [name]: value.trim() }), TYPING_MS) as unknown as number;
  };
  return (
    <label class="field">
      <span>{label}</span>
      <input type="text" value={filter(name)} size={16} spellcheck={false} onInput={(event) => later(event.currentTarget.value)} />
    </label>
  );
}

function togglePause(): void {
  paused.value = !paused.value;
}

function useKey(): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (event.key === PAUSE_KEY && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) togglePause();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
}

export function Events() {
  const service = filter("service", SERVICES.join()),
    type = filter("type"),
    outlet = filter("outlet");
  useKey();
  useEffect(() => {
    if (paused.value) leave();
    else follow({ service, type, outlet });
    return leave;
  }, [service, type, outlet, paused.value]);
  useEffect(clear, [service, type, outlet]);
  return (
    <Sheet
      title={t("events.tail")}
      foot={<Fresh>{dropped.value > 0 && <span class="warn">{t("events.skipped", { count: count(dropped.value) })}</span>}</Fresh>}
      controls={
        <div class="controls">
          <Select
            name="service"
            label={t("service")}
            options={[{ value: "", name: t("all") }, ...SERVICES.map((value) => ({ value, name: value }))]}
          />
          <TextFilter name="type" label={t("events.type")} />
          <TextFilter name="outlet" label={t("outlet")} />
          <button type="button" class="button" aria-pressed={paused.value} aria-keyshortcuts={PAUSE_KEY} onClick={togglePause}>
            <Icon name={paused.value ? "play" : "pause"} />
            {t(paused.value ? "events.go_on" : "events.pause")}
          </button>
          <button type="button" class="button" onClick={clear}>
            {t("events.clear")}
          </button>
        </div>
      }
    >
      <div class="tail" role="log" aria-live="off" aria-label={t("events.tail")} tabIndex={0}>
        {events.value.length === 0 ? (
          <Blank
            title={t(paused.value ? "events.paused" : tailState.value === "live" ? "events.none_yet" : "events.connecting")}
            text={t("events.none_why")}
          />
        ) : (
          events.value.map((event) => <Line key={event.id} event={event} />)
        )}
      </div>
    </Sheet>
  );
}
