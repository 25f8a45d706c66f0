/* audit.c -- what must hold of the rulebook: every record's version is how often it was declared. */
#include "state.h"

/* Declarations in the journal, per kind, against the sum of the versions of its records. */
void partners_audit(struct audit *audit)
{
	int64_t declared[TABLE_COUNT] = {0};
	struct envelope envelope;

	while (audit_event(audit, &envelope))
		for (unsigned kind = 0; kind < TABLE_COUNT; kind++)
			if (text_equal(envelope.type, text_of(kinds[kind].declared->name)))
				declared[kind]++;
	for (unsigned kind = 0; kind < TABLE_COUNT; kind++) {
		struct view *view = audit_view(audit);
		struct bytes key = {0}, row;
		int64_t versions = 0;

		for (row = view_seek(view, audit_table(audit, kind), key, &key); key.data != NULL;
		     row = view_next(view, audit_table(audit, kind), &key)) {
			struct record record;

			if (record_read(row, &record))
				versions += record.version;
			else
				audit_wrong(audit, "%s: a record cannot be read", kinds[kind].name);
		}
		if (versions != declared[kind])
			audit_wrong(audit, "%s: %lld declarations, but versions sum to %lld",
			            kinds[kind].name, (long long)declared[kind], (long long)versions);
	}
}
