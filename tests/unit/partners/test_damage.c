/*
 * Goal: whatever row of the desk, of money or of a territory a bug has lost, cut or changed, the audit says what is wrong with it; and answers pass over
 * what they cannot read and go on. Method: a small network through the real engine, then one row written over, each time in a store of its own.
 */
#include "rulebook.h"

#include <stdio.h>

#include "base/error.h"
#include "channel/territory.h"
#include "desk/matter.h"
#include "desk/notice.h"
#include "kernel/query.h"
#include "money/commission.h"
#include "money/fund.h"
#include "pack/question.h"
#include "people/enrolment.h"

#define ROW(text) {(const uint8_t *)(text), sizeof(text) - 1}
#define CUT ROW("x")
#define LOST {NULL, 0}

/* What happens before anything is damaged. The clock locks January, which is then paid. */
static const struct {
	const char *source, *type, *json;
} history[] = {
    {"sales", "price.deviation_detected",
     "{'outlet':'D1','terminal':'T','receipt':'1','currency':'CNY','sku':'A','unit_price':8,'deviation_bp':-600,'price_version':1,"
     "'severity':'freeze','corridor':'C','corridor_version':3}"},
    {STAFF, "outlet.submitted", "{'outlet':'D1','name':'d','tier':2,'kind':'dealer','currency':'CNY','tz_offset':480}"},
    {STAFF, "outlet.submitted", "{'outlet':'S1','name':'s','tier':1,'kind':'own_store','currency':'CNY','tz_offset':480}"},
    {STAFF, "product.submitted", "{'sku':'A','name':'a','goods':true}"},
    {STAFF, "territory.submitted", "{'territory':'EAST','name':'e','kind':'open','holder':'D1','areas':[{'area':'310000'}]}"},
    {STAFF, "territory.submitted",
     "{'territory':'SITE','name':'p','kind':'open','holder':'D1','areas':[{'area':'320000'}],'points':[{'latitude':31000000,'longitude':121000000},"
     "{'latitude':31000000,'longitude':121100000},{'latitude':31100000,'longitude':121000000}]}"},
    {STAFF, "territory.submitted", "{'territory':'WEST','name':'w','kind':'open','holder':'D1','areas':[{'area':'510000'}],'status':'closed'}"},
    {STAFF, "ticket.submitted", "{'ticket':'AS-1','kind':'it','outlet':'D1','severity':'low','about':'a'}"},
    {STAFF, "ticket.submitted", "{'ticket':'AS-2','kind':'it','outlet':'D1','severity':'low','about':'b'}"},
    {STAFF, "ticket_step.submitted", "{'ticket':'AS-2','step':'close'}"},
    {STAFF, "notice.submitted", "{'notice':'N-1','title':'t','outlet':'D1','receipt':true}"},
    {STAFF, "acknowledgement.submitted", "{'notice':'N-1','outlet':'D1','reader':'dealer/wu'}"},
    {STAFF, "notice.submitted", "{'notice':'N-2','title':'t','receipt':true}"},
    {STAFF, "fund.submitted", "{'fund':'MKT','name':'m','currency':'CNY','budget':1000,'from':'2026-01-01','until':'2026-12-31'}"},
    {STAFF, "fund.submitted", "{'fund':'ONE','name':'o','currency':'CNY','budget':1000,'from':'2026-01-01','until':'2026-12-31'}"},
    {STAFF, "claim.submitted",
     "{'claim':'CL-1','fund':'MKT','outlet':'D1','amount':100,'currency':'CNY','day':'2026-01-10','purpose':'p','proof':'i'}"},
    {STAFF, "claim_step.submitted", "{'claim':'CL-1','step':'approve'}"},
    {STAFF, "commission.submitted", "{'commission':'ALL','currency':'CNY','rate_bp':100,'shares':[{'role':'handed_over_by','share_bp':10000}]}"},
    {STAFF, "scheme.submitted",
     "{'scheme':'ONCE','name':'o','basis':'revenue','period':'month','currency':'CNY','ladder':'whole','steps':[{'from':0,'rate_bp':100}],"
     "'from':'2026-01-01'}"},
    {"sales", "sale.recorded",
     "{'outlet':'D1','terminal':'T','receipt':'R1','currency':'CNY','day':'2026-01-05','tier':2,'total':10000,'units':1000,"
     "'lines':[{'sku':'A','quantity':1000,'amount':10000}],'handed_over_by':'S1'}"},
    {STAFF, "member.submitted", "{'member':'E-1','outlet':'D1','role':'cashier','from':'2026-01-01'}"},
    {STAFF, "course.submitted", "{'course':'LAMPS','name':'l','kind':'product','pass_bp':8000,'valid_days':10}"},
    {STAFF, "training_result.submitted", "{'training_result':'TR-1','course':'LAMPS','member':'E-1','day':'2026-01-02','score_bp':9000}"},
    {STAFF, "training_result.submitted", "{'training_result':'TR-2','course':'LAMPS','member':'E-1','day':'2030-01-02','score_bp':9000}"},
    {STAFF, "training_result.submitted", "{'training_result':'TR-3','course':'LAMPS','member':'E-1','day':'2026-01-03','score_bp':9000}"},
    {STAFF, "enrolment.submitted", "{'enrolment':'EN-1','course':'LAMPS','member':'E-1','from':'2026-01-03','due':'2026-01-31'}"},
    {STAFF, "training_result.submitted",
     "{'training_result':'TR-4','course':'LAMPS','member':'E-1','day':'2026-01-04','score_bp':9000,'replaces':'TR-3'}"},
    {"clock", "clock.ticked", "{'time':1770600000000000}"},
    {"sales", "target.at_risk",
     "{'target':'T-1','outlet':'D1','metric':'revenue','day':'2026-03-01','value':1000,'achieved':100,'attained_bp':1000,'pace_bp':4000,"
     "'needed_per_day':30,'target_version':1}"},
    {STAFF, "settlement.submitted",
     "{'settlement':'P-1','scheme':'ONCE','outlet':'D1','period':'2026-01-01','amount':60,'currency':'CNY','method':'credit'}"},
    {STAFF, "payout.submitted", "{'payout':'CP-1','outlet':'S1','currency':'CNY','period':'2026-01-01','amount':60,'method':'credit'}"},
    {STAFF, "payment.submitted", "{'payment':'P-1','outlet':'D1','kind':'deposit','amount':60,'currency':'CNY','day':'2026-01-05'}"},
};

static void hear(struct stage *stage, const char *source, const char *name, const char *quoted)
{
	const struct event_type *type = event_type_find(text_of(name));
	char json[1024], message[200];
	struct arena arena;

	snprintf(json, sizeof(json), "%s", quoted);
	for (char *at = json; *at != 0; at++)
		*at = *at == '\'' ? '"' : *at;
	assert_non_null(type);
	assert_int_equal(arena_open(&arena, 1 << 20), ERR_NONE);
	void *event = arena_take(&arena, type->struct_size);
	memset(event, 0, type->struct_size);
	assert_int_equal(event_from_json(type, json, event, &arena, message, sizeof(message)), ERR_NONE);
	stage_hear(stage, source, type, event);
	arena_close(&arena);
}

static void happen(const struct service *service, const char *dir)
{
	const struct event_type *type;
	struct stage stage;
	const void *event;

	stage_open(&stage, service, dir);
	for (size_t i = 0; i < sizeof(history) / sizeof(history[0]); i++)
		hear(&stage, history[i].source, history[i].type, history[i].json);
	while (stage_said(&stage, &type, &event))
		assert_ptr_not_equal(type, &submission_refused_type);
	stage_close(&stage);
}

static unsigned rows_of(const struct service *service, const char *dir, const char *what, const char *argument, const char *value)
{
	static uint8_t buffer[QUERY_PAGE_BYTES];
	struct question question;
	struct page page = {0};
	struct stage stage;

	stage_open(&stage, service, dir);
	question_begin(&question);
	if (argument != NULL)
		question_text(&question, argument, value);
	assert_int_equal(query_run(stage.engine, text_of(what), question_end(&question), bytes_of(NULL, 0), buffer, &page), ERR_NONE);
	stage_close(&stage);
	return page.row_count;
}

static const struct receipt never = {.version = 0}, ahead = {.version = 9};
static const struct shape none;
static const struct grant given;
static const struct matter nowhere;
static const struct commission_statement paid_twice = {.accrued = 100, .settled = 120, .parts = 1, .is_locked = 1};
static const struct certificate other = {.course = "CHAIRS", .outlet = "D1", .version = 1, .valid = {20455, 20464}, .is_over = 1};
static const struct certificate loose = {
    .course = "LAMPS", .outlet = "D1", .version = 1, .valid = {20455, 20464}, .there = {20455, 20465}, .is_over = 1};
static const struct certificate open_still = {.course = "LAMPS", .outlet = "D1", .version = 1, .valid = {20455, 20464}};
static const struct certificate over_early = {.course = "LAMPS", .outlet = "D1", .version = 1, .valid = {21916, 21925}, .is_over = 1};
static const struct certificate back = {.course = "LAMPS", .outlet = "D1", .version = 1, .valid = {20456, 20465}, .is_over = 1};
static const struct judged unheard = {1, 1, "TR-9"}, forgotten = {1, 1, ""};
static const struct enrolled by_withdrawn = {20456, "TR-3"}, undone;
static const struct fund_sum spent = {.approved = 2000, .settled = 0, .claims = 1};

static const struct {
	unsigned table;
	struct bytes key, value;
	const char *says;		       /* of the audit */
	const char *what, *argument, *name; /* an answer that has it; NULL: none */
	unsigned rows;
} cases[] = {
    {TABLE_SHAPE, ROW("SITE"), LOST, "the row of its points is missing", NULL, NULL, NULL, 0},
    {TABLE_SHAPE, ROW("EAST"), {(const uint8_t *)&none, sizeof(none)}, "the row of its points is too many", NULL, NULL, NULL, 0},
    {TABLE_SHAPE, ROW("WEST"), {(const uint8_t *)&none, sizeof(none)}, "the row of its points is too many", NULL, NULL, NULL, 0},
    {TABLE_GRANT, ROW("510000\0WEST"), {(const uint8_t *)&given, sizeof(given)}, "territory WEST does not grant it", "territories", NULL, NULL, 3},
    {TABLE_GRANT, ROW("310000\0EAST"), CUT, "its area 310000 has no row", "territories", NULL, NULL, 1},
    {TABLE_TERRITORY, ROW("EAST"), CUT, "territory EAST does not grant it", NULL, NULL, NULL, 0},
    {TABLE_TERRITORY, ROW("EAST"), LOST, "territory EAST does not grant it", NULL, NULL, NULL, 0},
    {TABLE_MATTER, ROW("nothing\0X"), {(const uint8_t *)&nowhere, sizeof(nowhere)}, "no state of its flow", "agenda", NULL, NULL, 2},
    {TABLE_MATTER, ROW("ticket\0AS-1"), CUT, "cannot be read", "service_tickets", NULL, NULL, 1},
    {TABLE_MATTER, ROW("ticket\0AS-2"), CUT, "cannot be read", "agenda", NULL, NULL, 2},
    {TABLE_DESK_FIND, ROW("tT-1"), CUT, "target T-1: is red for ever", "agenda", NULL, NULL, 1},
    {TABLE_DESK_FIND, ROW("tT-1"), LOST, "red: 0 targets, 1 moments", "agenda", NULL, NULL, 1},
    {TABLE_RECEIPT, ROW("N-1\0D1"), {(const uint8_t *)&never, sizeof(never)}, "a receipt of a version that it never had", "receipts", "state", "outdated", 1},
    {TABLE_RECEIPT, ROW("N-1\0D1"), {(const uint8_t *)&ahead, sizeof(ahead)}, "a receipt of a version that it never had", "receipts", "state", "outdated", 1},
    {TABLE_RECEIPT, ROW("N-1\0D1"), CUT, "a receipt of a version that it never had", "receipts", "state", "unread", 3},
    {TABLE_NOTICE, ROW("N-1"), CUT, "a record cannot be read", "notices", NULL, NULL, 1},
    {TABLE_NOTICE, ROW("N-2"), ROW("\0\0\0\0\0\0\0\1no map"), "version 1 was never declared so", "receipts", NULL, NULL, 1},
    {TABLE_OUTLET, ROW("S1"), CUT, "a record cannot be read", "receipts", "notice", "N-2", 1},
    {TABLE_OUTLET, ROW("S1"), CUT, "a record cannot be read", "network", NULL, NULL, 1},
    {TABLE_OUTLET, ROW("S1"), ROW("\0\0\0\0\0\0\0\1no map"), "version 1 was never declared so", "receipts", "notice", "N-2", 1},
    {TABLE_FUND, ROW("ONE"), CUT, "a record cannot be read", "funds", NULL, NULL, 1},
    {TABLE_FUND, ROW("ONE"), ROW("\0\0\0\0\0\0\0\1no map"), "version 1 was never declared so", "funds", NULL, NULL, 1},
    {TABLE_FUND_SUM, ROW("MKT"), {(const uint8_t *)&spent, sizeof(spent)}, "of a budget of 1000", NULL, NULL, NULL, 0},
    {TABLE_CLAIM, ROW("CL-1"), CUT, "fund MKT: 100 approved, 0 settled of 1 claims, which give 0, 0 of 0", "claims", NULL, NULL, 0},
    {TABLE_CLAIM, ROW("CL-1"), ROW("\0\0\0\0\0\0\0\1no map"), "which give 0, 0 of 0", "claims", NULL, NULL, 0},
    {TABLE_CLAIM_STATE, ROW("CL-1"), LOST, "which give 0, 0 of 1", "claims", NULL, NULL, 0},
    {TABLE_COMMISSION_SUM, ROW("S1\0handed_over_by\0CNY\0002026-01-01"), CUT, "a sum of commissions cannot be read", "commissions", NULL, NULL, 0},
    {TABLE_COMMISSION_SUM, ROW("S1\0handed_over_by\0CNY\0002026-01-01"), LOST, "1 parts in the journal, 0 of them in the rows", "commissions", NULL, NULL,
     0},
    {TABLE_COMMISSION_SUM, ROW("S1\0handed_over_by\0CNY\0no day"), CUT, "a sum of commissions cannot be read", "commissions", NULL, NULL, 1},
    {TABLE_COMMISSION_STATEMENT, ROW("S1\0CNY\0002026-01-01"), CUT, "a statement of commissions cannot be read", "commission_statements", NULL, NULL, 0},
    {TABLE_COMMISSION_STATEMENT, ROW("S1\0CNY\0002026-01-01"), LOST, "1 parts in the journal, 0 of them in statements", "commission_statements", NULL,
     NULL, 0},
    {TABLE_COMMISSION_STATEMENT, ROW("S1\0CNY\0no day"), CUT, "a statement of commissions cannot be read", "commission_statements", NULL, NULL, 1},
    {TABLE_COMMISSION_STATEMENT, ROW("S1\0CNY\0002026-01-01"), {(const uint8_t *)&paid_twice, sizeof(paid_twice)},
     "commissions of S1: 100 accrued, 0 adjusted, 120 settled; the journal gives 100, 0, 60", "commission_statements", NULL, NULL, 1},
    {TABLE_COMMISSIONED, ROW("T\0" "2026-01-05\0R1"), CUT, "commissions: receipt R1 of T is counted with -10000 more than its lines have left", NULL, NULL,
     NULL, 0},
    {TABLE_COMMISSION_LINE, ROW("T\0" "2026-01-05\0R1"), CUT, "commissions: receipt R1 of T is counted with 10000 more than its lines have left", NULL, NULL,
     NULL, 0},
    {TABLE_PAYMENT_SUM, ROW("D1"), LOST, "payments add up to 60 more than the sums of their outlets", NULL, NULL, NULL, 0},
    {TABLE_PAYMENT_SUM, ROW("D1"), ROW("\0\0\0\0\0\0\0\1"), "payments of D1: 72057594037927936 is more than can be said", NULL, NULL, NULL, 0},
    {TABLE_PAYMENT, ROW("P-1"), CUT, "payments add up to -60 more", NULL, NULL, NULL, 0},
    {TABLE_REBATE, ROW("D1\0ONCE\0\0\0\x4f\xe6"), ROW(""), "a rebate cannot be read", "rebates", NULL, NULL, 0},
    {TABLE_REBATE, ROW("D1\0ONCE\0\0\0\x4f\xe6"), LOST, "1 periods in the journal, 0 of them in the rows", "rebates", NULL, NULL, 0},
    {TABLE_CERTIFICATE, ROW("E-1\0TR-1"), CUT, "certificate of E-1 by TR-1: it cannot be read", "certificates", NULL, NULL, 3},
    {TABLE_CERTIFICATE, ROW("E-1\0TR-1"), LOST, "certificates: 3, of 4 results that were passed", "certificates", NULL, NULL, 3},
    {TABLE_CERTIFICATE, ROW("E-1\0TR-9"), {(const uint8_t *)&other, sizeof(other)}, "there is no such result", "certificates", NULL, NULL, 5},
    {TABLE_CERTIFICATE, ROW("E-1\0TR-1"), {(const uint8_t *)&other, sizeof(other)}, "the result says otherwise", "certificates", "course", "LAMPS", 3},
    {TABLE_CERTIFICATE, ROW("E-1\0TR-1"), {(const uint8_t *)&loose, sizeof(loose)}, "it counts where it is not valid", NULL, NULL, NULL, 0},
    {TABLE_CERTIFICATE, ROW("E-1\0TR-1"), {(const uint8_t *)&open_still, sizeof(open_still)}, "its end is not waited for", NULL, NULL, NULL, 0},
    {TABLE_CERTIFICATE, ROW("E-1\0TR-2"), {(const uint8_t *)&over_early, sizeof(over_early)}, "its end is waited for, and is over", NULL, NULL, NULL, 0},
    {TABLE_TRAINING_RESULT, ROW("TR-1"), ROW("\0\0\0\0\0\0\0\1no map"), "there is no such result", NULL, NULL, NULL, 0},
    {TABLE_CERTIFICATE, ROW("E-1\0TR-3"), {(const uint8_t *)&back, sizeof(back)}, "it stands, and its result is replaced", NULL, NULL, NULL, 0},
    {TABLE_JUDGED, ROW("TR-3"), {(const uint8_t *)&forgotten, sizeof(forgotten)}, "it is withdrawn, and its result stands", "certificates", NULL, NULL, 4},
    {TABLE_JUDGED, ROW("TR-3"), {(const uint8_t *)&unheard, sizeof(unheard)}, "training result TR-3: nothing stands in its place", NULL, NULL, NULL, 0},
    {TABLE_JUDGED, ROW("TR-3"), CUT, "training result TR-3: by what it was judged cannot be read", "certificates", NULL, NULL, 4},
    {TABLE_ENROLLED, ROW("E-1\0LAMPS\0EN-1"), CUT, "enrolment EN-1: it cannot be read, or has no matter", "enrolments", NULL, NULL, 1},
    {TABLE_ENROLLED, ROW("E-1\0LAMPS\0EN-1"), LOST, "enrolments: -1 more rows by their members than records", "enrolments", NULL, NULL, 1},
    {TABLE_ENROLLED, ROW("E-1\0LAMPS\0EN-1"), {(const uint8_t *)&undone, sizeof(undone)}, "enrolment EN-1: its state is not that of its result",
     "enrolments", "state", "completed", 1},
    {TABLE_ENROLLED, ROW("E-1\0LAMPS\0EN-1"), {(const uint8_t *)&by_withdrawn, sizeof(by_withdrawn)}, "enrolment EN-1: what it is done by does not stand",
     NULL, NULL, NULL, 0},
    {TABLE_MATTER, ROW("enrolment\0EN-1"), CUT, "enrolment EN-1: it cannot be read, or has no matter", "enrolments", NULL, NULL, 0},
    {TABLE_ENROLMENT, ROW("EN-1"), CUT, "a record cannot be read", "enrolments", NULL, NULL, 0},
    {TABLE_CONFLICT, ROW("C-1"), CUT, "conflict C-1: cannot be read", "conflicts", NULL, NULL, 0},
    {TABLE_CONFLICT, ROW("C-1"), CUT, "conflict C-1: cannot be read", "agenda", NULL, NULL, 1},
    {TABLE_CONFLICT, ROW("C-1"), LOST, "1 were opened, there are 0", "conflicts", "conflict", "C-1", 0},
    {TABLE_CONFLICT_LINE, ROW("C-1\0\0\0\0\0\0\0\0\1"), LOST, "its line 1 is missing", "conflicts", "conflict", "C-1", 0},
};

static void test_a_damaged_row_is_found_and_passed_over(void **state)
{
	char dir[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stage_folder(dir);
		happen(*state, dir);
		assert_int_equal(stage_check(*state, dir), 0);
		stage_write(*state, dir, cases[i].table, cases[i].key, cases[i].value);
		assert_true(stage_check_says(*state, dir, cases[i].says));
		if (cases[i].what != NULL)
			assert_int_equal(rows_of(*state, dir, cases[i].what, cases[i].argument, cases[i].name), cases[i].rows);
		stage_folder_remove(dir, *state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_damaged_row_is_found_and_passed_over)};

	return cmocka_run_group_tests(tests, rulebook_service, NULL);
}
