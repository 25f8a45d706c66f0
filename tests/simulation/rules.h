/*
 * rules.h -- the principal changes its rules while tickets are said: prices with their corridors, stock policies, the target,
 * the ladder of a rebate, who holds a territory, the weights of an appraisal, what a metric counts; who is
 * trained where, and results that were entered wrongly.
 *
 * What is changed and when is drawn from the network's dice, so every seed sees other versions meet other tickets.
 */
#ifndef TRIBUTARY_TEST_RULES_H
#define TRIBUTARY_TEST_RULES_H

#include "story.h"

/* rules_begin -- a new network: nothing was changed yet.   rules_change -- the office says one changed rule, dated like the ticket that comes next.
 * rules_train -- the same of training and its right to sell. */
void rules_begin(void);
void rules_change(struct network *network, uint32_t next_ticket);
void rules_train(struct network *network, uint32_t next_ticket);

#endif
