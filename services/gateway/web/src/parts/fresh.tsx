// How fresh and how whole: up to which moment it was heard, and how many of the tills that should speak have spoken.
import type { ComponentChildren } from "preact";
import { now } from "../base/clock";
import { count, duration, moment, percent } from "../base/format";
import { t } from "../base/language";
import { all } from "../data/live";
import type { Kpi } from "../data/rows";

export interface FreshProps {
  row?: Kpi; // the measures whose watermark counts; without, those of the whole network
  askedAtMs?: number; // for what is asked for, not streamed
  children?: ComponentChildren;
}

export function Fresh({ row, askedAtMs, children }: FreshProps) {
  const of = row ?? all.value.find((one) => one.scope === "total");
  if (!of) return <p class="fresh">{t("fresh.none")}</p>;
  const whole = of.terminals_heard >= of.terminals_expected;
  return (
    <p class="fresh">
      <span>{t("fresh.watermark", { time: moment(of.watermark_us) })}</span>
      <span class={whole ? "" : "warn"}>
        {t("fresh.complete", {
          share: percent(of.completeness_bp),
          heard: count(of.terminals_heard),
          expected: count(of.terminals_expected),
        })}
      </span>
      {askedAtMs ? <span>{t("fresh.asked", { age: duration(Math.max(1, Math.round((now.value - askedAtMs) / 1000))) })}</span> : null}
      {children}
    </p>
  );
}
