/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Writes ss-fields(7) from the registry, when the program is built. */

#include <stdio.h>

#include "base/cleanup.h"
#include "model/value.h"
#include "sink/format/schema.h"

static void put_text(struct text *t, const char *s)
{
	for (; *s; s++) {
		if (*s == '\\')
			text_str(t, "\\e");
		else
			text_char(t, *s);
	}
}

/* The part of the name before the first dot; empty when there is none. */
static struct sv family_of(enum field_id f)
{
	struct sv name = sv(fields[f].name);

	return sv_first(name, sv_find(name, '.') < 0 ? 0 : (size_t)sv_find(name, '.'));
}

/* Of which sockets it is absent, whatever the kernel sends. */
static void put_absence(struct text *t, const struct field *f)
{
	const char *sep = "Absent of ";

	for (uint32_t absent = f->absent; absent; absent &= absent - 1) {
		text_str(t, sep);
		put_text(t, absent_texts[__builtin_ctz(absent)]);
		sep = ", and of ";
	}
	if (f->absent)
		text_str(t, ".\n");
	if (f->has_given) {
		text_str(t, "Absent without\n.Cm ");
		put_text(t, fields[f->given].name);
		text_str(t, " .\n");
	}
	if (f->no_zero)
		text_str(t, "Absent instead of 0.\n");
}

static void put_field(struct text *t, enum field_id f)
{
	const struct column c = column_of_field(f);
	const char *unit = value_unit(&c);

	text_str(t, ".It Cm ");
	text_str(t, c.name);
	text_str(t, " Pq ");
	text_str(t, field_type_name(f));
	if (unit) {
		text_str(t, " , ");
		text_str(t, unit);
	}
	if (c.sem == SEM_COUNTER)
		text_str(t, " , counter");
	text_str(t, "\n");
	put_text(t, fields[f].help);
	if (fields[f].since) {
		text_str(t, "; since Linux ");
		field_put_since(t, f);
	}
	text_str(t, ".\n");
	put_absence(t, &fields[f]);
}

static void put_family(struct text *t, enum field_id first)
{
	struct sv family = family_of(first);

	text_str(t, ".Ss ");
	text_sv(t, family.len ? family : sv("Of any socket"));
	text_str(t, "\n.Bl -tag -width Ds\n");
	for (enum field_id f = first; f < F_MAX; f++)
		if (sv_eq(family_of(f), family))
			put_field(t, f);
	text_str(t, ".El\n");
}

static bool is_first(enum field_id f)
{
	for (enum field_id k = 0; k < f; k++)
		if (sv_eq(family_of(k), family_of(f)))
			return false;
	return true;
}

int main(void)
{
	struct text t = {};

	text_str(&t,
		 ".\\\" SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later\n"
		 ".\\\" Generated from src/model/defs.\n"
		 ".Dd November 22, 2026\n.Dt SS-FIELDS 7\n.Os\n"
		 ".Sh NAME\n.Nm ss-fields\n.Nd what ss knows about a socket\n"
		 ".Sh DESCRIPTION\n"
		 "Each value that\n.Xr ss 8\nknows has a name, by which it is shown, sorted and counted.\n"
		 "A field that the kernel did not send, or that has no meaning for the socket, is absent,\n"
		 "which is not the same as zero: no output shows it, and no comparison holds of it.\n"
		 "Names stay; new ones are added.\n"
		 "For programs, numbers are in the unit given here.\n"
		 ".Sh FIELDS\n");
	for (enum field_id f = 0; f < F_MAX; f++)
		if (is_first(f))
			put_family(&t, f);
	text_str(&t, ".Sh SEE ALSO\n.Xr ss 8\n");
	if (t.failed || fwrite(t.p, 1, t.len, stdout) != t.len || fflush(stdout))
		return 1;
	text_done(&t);
	return 0;
}
