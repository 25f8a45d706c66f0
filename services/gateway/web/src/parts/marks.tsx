// Small marks that mean the same everywhere: a tier, a state, an outlet, a bar.
import type { ComponentChildren } from "preact";
import { coded, t } from "../base/language";
import { href } from "../base/route";
import { percent } from "../base/format";
import type { Outlet } from "../data/network";

export type Tone = "good" | "warn" | "bad" | "";

export function Tier({ tier }: { tier: number }) {
  return tier === 1 || tier === 2 ? (
    <span class={`tier t${tier}`} title={t(`tier.${tier}`)}>
      {t(`tier.short.${tier}`)}
    </span>
  ) : (
    <span class="sub">{t("tier.none")}</span>
  );
}

export function Chip({ tone = "", children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`chip ${tone}`}>{children}</span>;
}

const TONES: Record<string, Tone> = {
  received: "good",
  delivered: "good",
  fulfilled: "good",
  cancelled: "",
  planned: "",
  dispatched: "warn",
  requested: "",
};

export function State({ group, code }: { group: string; code: string }) {
  return <Chip tone={TONES[code] ?? ""}>{coded(group, code)}</Chip>;
}

export function OutletName({ outlet, code, page = "stock" }: { outlet?: Outlet; code: string; page?: string }) {
  return (
    <span class="two-line">
      <a href={href(page, "", { outlet: code })}>{outlet?.name ?? code}</a>
      <span class="sub">{code}</span>
    </span>
  );
}

interface BarProps {
  bp: number; // how full
  mark?: number; // where it should be, in basis points
  tone?: Tone;
  label: string;
}

export function Bar({ bp, mark, tone = "", label }: BarProps) {
  const width = (value: number) => `${Math.max(0, Math.min(100, value / 100))}%`;
  return (
    <div class={`bar ${tone}`} role="img" aria-label={`${label} ${percent(bp)}`}>
      <i style={{ width: width(bp) }} />
      {mark !== undefined && <b style={{ left: `calc(${width(mark)} - 1px)` }} />}
    </div>
  );
}
