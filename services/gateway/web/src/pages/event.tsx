// One event: what it says, what caused it and what came of it as a time line, and how to get it again.
import { useState } from "preact/hooks";
import { t } from "../base/language";
import { href, place } from "../base/route";
import { duration, preciseMoment } from "../base/format";
import { eventOf, traceOf, type Step } from "../data/trace";
import type { Happening } from "../data/rows";
import { useAsked } from "../data/watch";
import { Fresh } from "../parts/fresh";
import { Icon } from "../parts/icon";
import { Sheet, States } from "../parts/sheet";
import { SERVICES } from "./events";

const COPIED_MS = 1500,
  EVERY_MS = 10000;

function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), COPIED_MS);
  };
  return (
    <button type="button" class="button small" onClick={() => void copy()}>
      <Icon name="copy" />
      <span aria-live="polite">{done ? t("copied") : label}</span>
    </button>
  );
}

function curlOf(event: Happening): string {
  const query = new URLSearchParams({ service: event.source, after: String(event.seq - 1), limit: "1" });
  return `curl -H "Authorization: Bearer $TOKEN" '${location.origin}/v1/events?${query}'`;
}

/** What a service said has a page; what a till said is in no journal. */
function Cause({ id }: { id: string }) {
  return SERVICES.includes(id.split("#")[0]!) ? <a href={href("events", id)}>{id}</a> : <>{id || "–"}</>;
}

function Content({ event }: { event: Happening }) {
  return (
    <div class="body">
      <dl class="pairs">
        <dt>{t("events.type")}</dt>
        <dd>
          <strong>{event.type}</strong>
        </dd>
        <dt>{t("events.subject")}</dt>
        <dd>{event.subject}</dd>
        <dt>{t("events.happened")}</dt>
        <dd>{preciseMoment(event.time_us)}</dd>
        <dt>{t("events.recorded")}</dt>
        <dd>{preciseMoment(event.recorded_us)}</dd>
        <dt>{t("events.cause")}</dt>
        <dd>
          <Cause id={event.cause} />
        </dd>
      </dl>
      <h3 class="hush">{t("events.data")}</h3>
      <pre tabIndex={0} aria-label={t("events.data")}>
        {JSON.stringify(event.data, null, 2)}
      </pre>
    </div>
  );
}

function StepLine({ step, of, begin }: { step: Step; of: string; begin: number }) {
  const mine = step.id === of;
  return (
    <li class={mine ? "this" : ""} style={{ marginLeft: `${Math.min(step.depth, 8) * 18}px` }} aria-current={mine ? "true" : undefined}>
      <div class="at">
        {step.found ? (
          <a class="type" href={href("events", step.id)}>
            {step.type}
          </a>
        ) : (
          <span class="type">{t("events.outside")}</span>
        )}
        <span class="mono">{step.id}</span>
        <span>{step.subject}</span>
      </div>
      {step.recorded_us > 0 && (
        <div class="sub at">
          {preciseMoment(step.recorded_us)}
          {begin && step.recorded_us > begin ? ` · +${duration((step.recorded_us - begin) / 1e6)}` : ""}
        </div>
      )}
    </li>
  );
}

export function EventPage() {
  const id = place.value.argument;
  const event = useAsked<Happening>(`event?${id}`, 60000, () => eventOf(id));
  const trace = useAsked<Step>(`trace?${id}`, EVERY_MS, () => traceOf(id));
  const one = event.rows[0],
    begin = Math.min(...trace.rows.map((step) => step.recorded_us).filter((us) => us > 0));
  return (
    <>
      <div class="controls">
        <a class="button small" href={href("events")}>
          <Icon name="back" />
          {t("events.back")}
        </a>
        <span class="mono">{id}</span>
      </div>
      <div class="grid two">
        <Sheet
          title={t("events.event")}
          foot={<Fresh />}
          controls={
            one && (
              <>
                <Copy text={JSON.stringify(one, null, 2)} label={t("events.copy_json")} />
                <Copy text={curlOf(one)} label={t("events.copy_curl")} />
              </>
            )
          }
        >
          <States
            asked={event.asked}
            problem={event.problem}
            empty={!one}
            emptyTitle={t("events.not_found")}
            emptyText={t("events.not_found_why")}
            lines={10}
          >
            {one && <Content event={one} />}
          </States>
        </Sheet>
        <Sheet title={t("events.trace")} foot={<Fresh askedAtMs={trace.atMs} />}>
          <States asked={trace.asked} problem={trace.problem} empty={trace.rows.length === 0} emptyTitle={t("events.no_trace")} lines={10}>
            <ol class="trace">
              {trace.rows.map((step) => (
                <StepLine key={step.id} step={step} of={id} begin={Number.isFinite(begin) ? begin : 0} />
              ))}
            </ol>
          </States>
        </Sheet>
      </div>
    </>
  );
}
