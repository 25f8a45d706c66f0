// Choices that stand in the address: a few side by side, or many in a list.
import { t } from "../base/language";
import { filter, setFilters } from "../base/route";

export interface Option {
  value: string;
  name: string;
}

interface SegmentsProps {
  name: string; // of the filter
  label: string;
  options: Option[];
  otherwise?: string; // what holds when the address says nothing
}

export function Segments({ name, label, options, otherwise = "" }: SegmentsProps) {
  const chosen = filter(name, otherwise);
  return (
    <div class="seg" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === chosen}
          onClick={() => setFilters({ [name]: option.value === otherwise ? "" : option.value })}
        >
          {option.name}
        </button>
      ))}
    </div>
  );
}

export function Select({ name, label, options, otherwise = "" }: SegmentsProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={filter(name, otherwise)} onChange={(event) => setFilters({ [name]: event.currentTarget.value })}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.name}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Search({ name, label }: { name: string; label: string }) {
  return (
    <label class="field">
      <span class="hush">{label}</span>
      <input
        type="search"
        placeholder={label}
        value={filter(name)}
        onInput={(event) => setFilters({ [name]: event.currentTarget.value.trim() })}
      />
    </label>
  );
}

export function TierChoice() {
  return (
    <Segments
      name="tier"
      label={t("tier")}
      options={[
        { value: "", name: t("all") },
        { value: "1", name: t("tier.1") },
        { value: "2", name: t("tier.2") },
      ]}
    />
  );
}
