// A sheet: a title, controls, what there is to see or why there is nothing, and at its foot how fresh and whole it is.
import type { ComponentChildren } from "preact";
import { coded, t } from "../base/language";
import type { Problem } from "../data/http";

interface SheetProps {
  title: string;
  controls?: ComponentChildren;
  foot?: ComponentChildren;
  children: ComponentChildren;
}

export function Sheet({ title, controls, foot, children }: SheetProps) {
  return (
    <section class="sheet" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {controls}
      </header>
      {children}
      {foot && <footer>{foot}</footer>}
    </section>
  );
}

export function Blank({ title, text, children }: { title: string; text?: string; children?: ComponentChildren }) {
  return (
    <div class="blank">
      <strong>{title}</strong>
      {text && <p>{text}</p>}
      {children}
    </div>
  );
}

/** As tall as what will come, so that nothing jumps when it does. */
export function Waiting({ lines = 6 }: { lines?: number }) {
  return (
    <div class="wait" role="status" aria-label={t("waiting")}>
      {Array.from({ length: lines }, (_, i) => (
        <i key={i} />
      ))}
    </div>
  );
}

export function problemText(problem: Problem): string {
  if (problem.status === 0) return t("problem.unreachable");
  const known = coded("problem", String(problem.status));
  return known !== String(problem.status) ? known : problem.detail || problem.title || String(problem.status);
}

interface StatesProps {
  asked: boolean;
  problem: Problem | null;
  empty: boolean;
  emptyTitle: string;
  emptyText?: string;
  lines?: number;
  children: ComponentChildren;
}

/** One of: still waiting, broken, empty, there. What is there stays when a later asking fails; the frame's banner says so. */
export function States({ asked, problem, empty, emptyTitle, emptyText, lines, children }: StatesProps) {
  if (!asked && problem) return <Blank title={t("problem.title")} text={problemText(problem)} />;
  if (!asked) return <Waiting lines={lines} />;
  if (empty) return <Blank title={emptyTitle} text={emptyText} />;
  return <>{children}</>;
}
