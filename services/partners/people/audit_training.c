/* audit_training.c -- a certificate is that of a result which was passed, and the end of each that has one is waited for until it is over; it is withdrawn
 * where its result is replaced, and only there; an enrolment is done by a certificate that stands. */
#include "base/error.h"
#include "people/enrolment.h"

static void check_certificate(struct audit *audit, struct bytes key, struct bytes row, struct arena *arena)
{
	struct text member = key_part(key, 0), result = key_part(key, 1);
	struct training_result_submitted submitted;
	struct certificate certificate;
	struct record record;
	uint8_t place[KEY_SIZE];
	int64_t day;

	(void)record_read(view_get(audit_view(audit), audit_table(audit, TABLE_TRAINING_RESULT), bytes_of_text(result)), &record);
	struct reader reader = reader_of(record.fields);
	if (!certificate_read(row, &certificate) || record.version == 0 ||
	    training_result_submitted_type.unpack(&submitted, &reader, arena) != ERR_NONE) {
		audit_wrong(audit, "certificate of %.*s by %.*s: it cannot be read, or there is no such result", TEXT_ARGS(member), TEXT_ARGS(result));
		return;
	}
	if (!text_equal(submitted.member, member) || !text_equal(submitted.course, CODE_TEXT(certificate.course)) ||
	    !day_number(submitted.day, &day) || day != certificate.valid.from)
		audit_wrong(audit, "certificate of %.*s by %.*s: the result says otherwise", TEXT_ARGS(member), TEXT_ARGS(result));
	struct judged judged;
	(void)judged_read(view_get(audit_view(audit), audit_table(audit, TABLE_JUDGED), bytes_of_text(result)), &judged);
	if ((judged.replaced_by[0] != 0) != (certificate.is_over == CERTIFICATE_WITHDRAWN))
		audit_wrong(audit, "certificate of %.*s by %.*s: it %s", TEXT_ARGS(member), TEXT_ARGS(result),
			    judged.replaced_by[0] != 0 ? "stands, and its result is replaced" : "is withdrawn, and its result stands");
	if (certificate.there.until >= certificate.there.from &&
	    (certificate.there.from < certificate.valid.from || certificate.there.until > certificate.valid.until))
		audit_wrong(audit, "certificate of %.*s by %.*s: it counts where it is not valid", TEXT_ARGS(member), TEXT_ARGS(result));
	bool waits = view_get(audit_view(audit), audit_table(audit, TABLE_CERTIFICATE_END),
			      certificate_end_key(place, certificate.valid.until, member, result))
			 .data != NULL;
	if (waits != (!certificate.is_over && certificate.valid.until != DAYS_FOR_EVER))
		audit_wrong(audit, "certificate of %.*s by %.*s: its end is %s", TEXT_ARGS(member), TEXT_ARGS(result),
			    waits ? "waited for, and is over" : "not waited for");
}

/* What stands in the place of a result says so. */
static void check_judged(struct audit *audit, struct bytes key, struct bytes row, struct arena *arena)
{
	struct text result = {(const char *)key.data, (uint32_t)key.size};
	struct training_result_submitted later = {0};
	struct judged judged;
	struct record record;

	if (!judged_read(row, &judged)) {
		audit_wrong(audit, "training result %.*s: by what it was judged cannot be read", TEXT_ARGS(result));
		return;
	}
	if (judged.replaced_by[0] == 0)
		return;
	(void)record_read(view_get(audit_view(audit), audit_table(audit, TABLE_TRAINING_RESULT), bytes_of_text(CODE_TEXT(judged.replaced_by))), &record);
	struct reader reader = reader_of(record.fields);
	if (record.version == 0 || training_result_submitted_type.unpack(&later, &reader, arena) != ERR_NONE || !later.has_replaces ||
	    !text_equal(later.replaces, result))
		audit_wrong(audit, "training result %.*s: nothing stands in its place", TEXT_ARGS(result));
}

/* By which result an enrolment is done, and that its matter says so. */
static void check_enrolled(struct audit *audit, struct bytes key, struct bytes row)
{
	struct text member = key_part(key, 0), code = key_part(key, 2);
	struct view *view = audit_view(audit);
	struct certificate certificate;
	struct enrolled enrolled;
	struct matter matter;
	uint8_t place[KEY_SIZE];

	if (!enrolled_read(row, &enrolled) ||
	    !matter_read(view_get(view, audit_table(audit, TABLE_MATTER), matter_key(place, &flow_enrolment, code)), &matter)) {
		audit_wrong(audit, "enrolment %.*s: it cannot be read, or has no matter", TEXT_ARGS(code));
		return;
	}
	if ((enrolled.result[0] != 0) != text_equal(matter_state(&flow_enrolment, &matter), TEXT_LITERAL("completed")))
		audit_wrong(audit, "enrolment %.*s: its state is not that of its result", TEXT_ARGS(code));
	if (enrolled.result[0] == 0)
		return;
	if (!certificate_read(view_get(view, audit_table(audit, TABLE_CERTIFICATE), certificate_key(place, member, CODE_TEXT(enrolled.result))),
			      &certificate) ||
	    certificate.is_over == CERTIFICATE_WITHDRAWN || certificate.valid.from != enrolled.day ||
	    !text_equal(CODE_TEXT(certificate.course), key_part(key, 1)))
		audit_wrong(audit, "enrolment %.*s: what it is done by does not stand", TEXT_ARGS(code));
}

static void check_corrections(struct audit *audit, struct arena *arena)
{
	struct view *view = audit_view(audit);
	struct bytes key, row;
	uint64_t enrolments = 0;

	for (row = view_seek(view, audit_table(audit, TABLE_JUDGED), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_JUDGED), &key)) {
		check_judged(audit, key, row, arena);
		arena_reset(arena);
	}
	for (row = view_seek(view, audit_table(audit, TABLE_ENROLLED), bytes_of(NULL, 0), &key); key.data != NULL;
	     row = view_next(view, audit_table(audit, TABLE_ENROLLED), &key)) {
		enrolments++;
		check_enrolled(audit, key, row);
	}
	for ((void)view_seek(view, audit_table(audit, TABLE_ENROLMENT), bytes_of(NULL, 0), &key); key.data != NULL;
	     (void)view_next(view, audit_table(audit, TABLE_ENROLMENT), &key))
		enrolments--;
	if (enrolments != 0)
		audit_wrong(audit, "enrolments: %lld more rows by their members than records", (long long)enrolments);
}

void partners_audit_training(struct audit *audit, uint64_t passed)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_CERTIFICATE);
	uint64_t certificates = 0;
	struct arena arena;
	struct bytes key, row;

	CHECK(arena_open(&arena, training_result_submitted_type.bytes_max) == ERR_NONE);
	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key)) {
		certificates++;
		check_certificate(audit, key, row, &arena);
		arena_reset(&arena);
	}
	check_corrections(audit, &arena);
	if (certificates != passed)
		audit_wrong(audit, "certificates: %llu, of %llu results that were passed", (unsigned long long)certificates, (unsigned long long)passed);
	arena_close(&arena);
}
