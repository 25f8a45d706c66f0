/* entry.c -- one entry, whichever of the two events it is. */
#include "rebate/entry.h"

/* Both begin with the same fields, and end with the same. */
#define HEAD_BYTES offsetof(struct rebate_accrued, balance) + sizeof(struct money)

_Static_assert(offsetof(struct rebate_accrued, balance) == offsetof(struct rebate_adjusted, balance), "both begin alike");
_Static_assert(sizeof(struct rebate_adjusted_line) == sizeof(struct rebate_accrued_line), "a line is a line");

struct rebate_adjusted entry_adjusted(const struct rebate_accrued *accrued, struct text cause)
{
	struct rebate_adjusted adjusted = {.cause = cause,
					   .has_sale = accrued->sale.size > 0,
					   .sale = accrued->sale,
					   .has_lines = accrued->lines.count > 0,
					   .lines = {(const struct rebate_adjusted_line *)(const void *)accrued->lines.items, accrued->lines.count},
					   .has_mix = accrued->has_mix,
					   .mix = accrued->mix,
					   .has_mix_skus = accrued->has_mix_skus,
					   .mix_skus = accrued->mix_skus,
					   .has_displays = accrued->has_displays,
					   .displays = accrued->displays,
					   .has_cases = accrued->has_cases,
					   .cases = accrued->cases};

	memcpy(&adjusted, accrued, HEAD_BYTES);
	return adjusted;
}

struct rebate_accrued entry_accrued(const struct rebate_adjusted *adjusted)
{
	struct rebate_accrued accrued = {.sale = adjusted->sale,
					 .lines = {(const struct rebate_accrued_line *)(const void *)adjusted->lines.items, adjusted->lines.count},
					 .has_mix = adjusted->has_mix,
					 .mix = adjusted->mix,
					 .has_mix_skus = adjusted->has_mix_skus,
					 .mix_skus = adjusted->mix_skus,
					 .has_displays = adjusted->has_displays,
					 .displays = adjusted->displays,
					 .has_cases = adjusted->has_cases,
					 .cases = adjusted->cases};

	memcpy(&accrued, adjusted, HEAD_BYTES);
	return accrued;
}

struct footing entry_footing(const struct rebate_accrued *entry)
{
	return (struct footing){.basis = entry->basis,
				.base = entry->base,
				.share = entry->share_bp,
				.mix = entry->mix,
				.skus = entry->mix_skus,
				.displays = entry->displays,
				.cases = entry->cases};
}

struct root_entry entry_root(const struct rebate_accrued *entry, struct text word, struct root_line *lines)
{
	for (uint32_t i = 0; i < entry->lines.count; i++)
		lines[i] = (struct root_line){entry->lines.items[i].line, entry->lines.items[i].basis, entry->lines.items[i].amount.minor};
	return (struct root_entry){.number = entry->entry,
				   .word = word,
				   .version = entry->scheme_version,
				   .sale = entry->sale,
				   .basis = entry->basis,
				   .base = entry->base,
				   .share = entry->share_bp,
				   .amount = entry->amount.minor,
				   .has_conditions = entry->has_mix,
				   .conditions = {entry->mix, entry->mix_skus, entry->displays, entry->cases},
				   .lines = lines,
				   .line_count = entry->lines.count};
}
