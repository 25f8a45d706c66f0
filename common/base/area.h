/*
 * area.h -- codes of administrative areas, and which of them lie in which.
 *
 * A code of six digits is one of GB/T 2260: 310115 is a district, 310100 the city around it, 310000 the province around both. Any other
 * code (ISO 3166-2: GB-LND) contains itself alone. It does not know which codes exist.
 */
#ifndef TRIBUTARY_BASE_AREA_H
#define TRIBUTARY_BASE_AREA_H

#include "base/bytes.h"

#define AREA_SIZE 12  /* bytes: the longest code, as in schemas/types.yaml */
#define AREA_ABOVE 3  /* a code and what it lies in: district, city, province */

/* area_valid -- digits, capital letters and hyphens, at most AREA_SIZE of them, and at least one. */
bool area_valid(struct text area);

/*
 * area_above -- the code itself, then each one that it lies in, the narrowest first.
 *   units   returns how many, 1 to AREA_ABOVE.   owns  writes into codes, which the texts borrow.
 */
unsigned area_above(struct text area, char codes[AREA_ABOVE][AREA_SIZE], struct text above[AREA_ABOVE]);

/* area_contains -- whether inner is outer or lies in it. */
bool area_contains(struct text outer, struct text inner);

/* area_stem -- what all codes in this one begin with: 31 of 310000, 3101 of 310100; any other, itself. Borrows. */
struct text area_stem(struct text area);

#endif
