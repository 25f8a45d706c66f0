// What the network answers, named as it names it: rows of `tributary get WHAT --json`. Money in minor units, quantities in
// thousandths, shares in basis points, moments in microseconds since 1970; what a row may lack is marked with '?'.
export type Scope = "total" | "tier" | "outlet" | "category";

export interface Kpi {
  scope: Scope;
  key: string;
  day: string; // "" is the running row
  currency: string;
  revenue_minor: number;
  returns_minor: number;
  units_milli: number;
  returned_units_milli: number;
  tickets: number;
  return_tickets: number;
  average_ticket_minor: number;
  stock_value_minor?: number;
  stock_units_milli?: number;
  turnover_bp?: number;
  days_of_cover_milli?: number;
  stock_outs?: number;
  service_level_bp?: number;
  restocks?: number;
  lead_time_us?: number;
  on_time_bp?: number;
  watermark_us: number;
  terminals_heard: number;
  terminals_expected: number;
  completeness_bp: number;
}

/** What was sold in an hour of a day. */
export interface Hour {
  key: string;
  day: string;
  hour_us: number; // when it begins
  revenue_minor: number;
  units_milli: number;
  tickets: number;
}

export interface Stock {
  outlet: string;
  sku: string;
  on_hand_milli: number;
  in_transit_milli: number;
  on_order_milli: number;
  reserved_milli: number;
  backlog_milli: number;
  position_milli: number;
}

export interface Policy {
  outlet: string;
  sku: string;
  policy: string;
  reorder_point_milli: number;
  order_up_to_milli: number;
  lead_minutes: number;
  demand_milli_per_day: number;
}

export interface Restock {
  id: string;
  outlet: string;
  sku: string;
  quantity_milli: number;
  from: string;
  state: string;
  cause: string;
  planned_milli: number;
  dispatched_milli: number;
  received_milli: number;
}

export interface Shipment {
  id: string;
  warehouse: string;
  outlet: string;
  carrier: string;
  state: string;
  promised_us: number;
  cost_minor: number;
  currency: string;
  lines: number;
}

export interface Target {
  target: string;
  outlet: string;
  tier: number;
  category: string;
  metric: string;
  currency: string;
  from: string;
  until: string;
  value: number;
  day: string;
  achieved: number;
  attained_bp: number;
  pace_bp: number;
  needed_per_day: number;
  days_left: number;
  reached: boolean;
  at_risk: boolean;
}

export interface Terminal {
  terminal: string;
  outlet: string;
  expected: boolean;
  heard: boolean;
  through: number; // the time of its last word; 0: none yet
}

export interface Source {
  service: string;
  source: string;
  epoch: number;
  through: number;
  gaps: number;
  duplicates: number;
  refusals: number;
  heard_us: number;
}

export interface Lag {
  service: string;
  source: string;
  through: number;
  head: number;
  lag: number;
}

export interface Status {
  service: string;
  epoch: number;
  head: number;
  intake: number;
  quarantined: number;
  business_us: number;
  now_us: number;
  map_bytes: number;
  used_bytes: number;
  commits: number;
  commit_us_last: number;
  commit_us_max: number;
  damaged: number;
}

export interface Quarantined {
  service: string;
  number: number;
  source: string;
  epoch: number;
  seq: number;
  reason: string;
  at_us: number;
  bytes: number;
}

export interface Named {
  kind: string;
  key: string;
  name?: string;
  tier?: number;
  sort?: string;
  category?: string;
  latitude?: number; // 1e-7 degrees
  longitude?: number;
}

export interface Happening {
  id: string; // source#seq
  source: string;
  seq: number;
  type: string;
  subject: string;
  time_us: number;
  recorded_us: number;
  cause: string;
  data: Record<string, unknown>;
}
