// A figure: its name, its value, and a word on it. `id` names it for tests and for links.
import type { ComponentChildren } from "preact";
import { Fresh, type FreshProps } from "./fresh";

interface FigureProps {
  id: string;
  name: string;
  value: string;
  note?: ComponentChildren;
}

const LONG = 11; // characters that fit at full size

export function Figure({ id, name, value, note }: FigureProps) {
  return (
    <div class="figure" data-figure={id}>
      <dt>{name}</dt>
      <dd class={`value${value.length > LONG ? " long" : ""}`}>{value}</dd>
      <dd class="note">{note}</dd>
    </div>
  );
}

export function Figures({ children, ...fresh }: FreshProps) {
  return (
    <section class="sheet">
      <dl class="figures">{children}</dl>
      <footer>
        <Fresh {...fresh} />
      </footer>
    </section>
  );
}
