// A table that is sorted by a click on a column's head; by which, and which way, stands in the address. Long ones begin short.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { count } from "../base/format";
import { t } from "../base/language";
import { filter, setFilters } from "../base/route";

export interface Column<T> {
  id: string;
  name: ComponentChildren;
  numeric?: boolean;
  sort?: (row: T) => number | string;
  show: (row: T) => ComponentChildren;
}

interface TableProps<T> {
  label: string;
  id?: string; // distinguishes the filters of two tables of one page
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  sorted?: string; // column that it is sorted by at first, with '-' before it when falling
  chosen?: string;
  onGo?: (row: T) => void;
  tall?: boolean;
}

const FIRST_ROWS = 50;

function compare(a: number | string, b: number | string): number {
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
}

function inOrder<T>(rows: T[], columns: Column<T>[], order: string): T[] {
  const falling = order.startsWith("-");
  const by = columns.find((column) => column.id === order.replace(/^-/, ""))?.sort;
  return by ? [...rows].sort((a, b) => (falling ? -1 : 1) * compare(by(a), by(b))) : rows;
}

function Head<T>({ column, order, name }: { column: Column<T>; order: string; name: string }) {
  const is = order.replace(/^-/, "") === column.id,
    falling = order.startsWith("-");
  const next = is ? (falling ? column.id : "-" + column.id) : column.numeric ? "-" + column.id : column.id;
  return (
    <th scope="col" class={column.numeric ? "num" : ""} aria-sort={is && column.sort ? (falling ? "descending" : "ascending") : undefined}>
      {column.sort ? (
        <button type="button" onClick={() => setFilters({ [name]: next })}>
          {column.name}
        </button>
      ) : (
        column.name
      )}
    </th>
  );
}

export function Table<T>({ label, id = "", columns, rows, rowKey, sorted = "", chosen, onGo, tall = true }: TableProps<T>) {
  const [limit, setLimit] = useState(FIRST_ROWS);
  const name = `sort${id}`,
    order = filter(name, sorted);
  const shown = inOrder(rows, columns, order).slice(0, limit);
  return (
    <>
      <div class={`scroll${tall ? " tall" : ""}`} tabIndex={0} role="group" aria-label={label}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <Head key={column.id} column={column} order={order} name={name} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <Row key={rowKey(row)} row={row} id={rowKey(row)} columns={columns} chosen={chosen === rowKey(row)} onGo={onGo} />
            ))}
          </tbody>
        </table>
      </div>
      <More left={rows.length - limit} show={() => setLimit(limit * 4)} />
    </>
  );
}

export function More({ left, show }: { left: number; show: () => void }) {
  return left > 0 ? (
    <div class="more">
      <button type="button" class="button small" onClick={show}>
        {t("more", { count: count(left) })}
      </button>
    </div>
  ) : null;
}

interface RowProps<T> {
  row: T;
  id: string;
  columns: Column<T>[];
  chosen: boolean;
  onGo?: (row: T) => void;
}

function Row<T>({ row, id, columns, chosen, onGo }: RowProps<T>) {
  return (
    <tr class={`${onGo ? "go" : ""}${chosen ? " chosen" : ""}`} data-row={id} onClick={onGo && (() => onGo(row))}>
      {columns.map((column, i) =>
        i === 0 ? (
          <th key={column.id} scope="row" data-column={column.id} class={column.numeric ? "num" : ""}>
            {column.show(row)}
          </th>
        ) : (
          <td key={column.id} data-column={column.id} class={column.numeric ? "num" : ""}>
            {column.show(row)}
          </td>
        ),
      )}
    </tr>
  );
}
