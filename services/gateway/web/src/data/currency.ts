// One currency at a time: sums of two currencies are no sum. The address, else the first that anything was sold in.
import { computed } from "@preact/signals";
import { filter } from "../base/route";
import { currencies } from "./live";

export const currency = computed(() => filter("currency") || currencies.value[0] || "CNY");
