/* audit_training.c -- certificates have days, devices have said them, and whoever is silent has spoken before. */
#include "device.h"
#include "training.h"

static void check_certificates(struct audit *audit)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_CERTIFICATE);
	struct bytes key, row;
	struct trained span;

	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key))
		if (!copy_row(row, &span, sizeof(span)) || span.until < span.from)
			audit_wrong(audit, "certificate %.*s of %.*s at %.*s: it counts on no day", TEXT_ARGS(key_part(key, 2)),
				    TEXT_ARGS(key_part(key, 0)), TEXT_ARGS(key_part(key, 1)));
}

static void check_devices(struct audit *audit)
{
	struct view *view = audit_view(audit);
	unsigned table = audit_table(audit, TABLE_DEVICE), tills = audit_table(audit, TABLE_TILL);
	struct bytes key, row;
	struct device device;
	struct till till;

	for (row = view_seek(view, table, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, table, &key))
		if (!copy_row(row, &device, sizeof(device)) || !copy_row(view_get(view, tills, key), &till, sizeof(till)) ||
		    till.heard_us < device.reported_us - device.reported_us % US_PER_SECOND)
			audit_wrong(audit, "device %.*s: it has reported and was not heard", (int)key.size, (const char *)key.data);
	for (row = view_seek(view, tills, bytes_of(NULL, 0), &key); key.data != NULL; row = view_next(view, tills, &key))
		if (copy_row(row, &till, sizeof(till)) && till.silent && till.heard_us == 0)
			audit_wrong(audit, "device %.*s: it is silent and never spoke", (int)key.size, (const char *)key.data);
}

void kpi_audit_training(struct audit *audit)
{
	check_certificates(audit);
	check_devices(audit);
}
