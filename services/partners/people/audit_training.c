/* audit_training.c -- a certificate is that of a result which was passed, and the end of each that has one is waited for until it is over. */
#include "base/error.h"
#include "people/training.h"

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
	if (certificates != passed)
		audit_wrong(audit, "certificates: %llu, of %llu results that were passed", (unsigned long long)certificates, (unsigned long long)passed);
	arena_close(&arena);
}
