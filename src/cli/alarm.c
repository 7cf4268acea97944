/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/alarm.h"

#include <errno.h>

#include "base/cleanup.h"
#include "cli/examined.h"

struct alarm {
	struct cli *cli;
	struct examined words;
	struct doctor *doctor;
	struct diagnosis last;
	bool has_looked, has_found;
};

struct alarm *alarm_free(struct alarm *a)
{
	if (!a)
		return NULL;
	(void)doctor_free(a->doctor);
	diagnosis_done(&a->last);
	examined_done(&a->words);
	free(a);
	return NULL;
}

int alarm_new(struct cli *c, const struct chosen *chosen, struct alarm **ret, struct err *e)
{
	_cleanup_(alarm_freep) struct alarm *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return err_sys(e, -ENOMEM, "the doctor");
	a->cli = c;
	r = examined_read(&a->words, &c->q, e);
	if (r == 0)
		r = examined_start(&a->words, c, chosen, &a->doctor, e);
	if (r < 0)
		return r;
	*ret = take_ptr(a);
	return 0;
}

static bool counts(const struct alarm *a, const struct finding *f)
{
	return a->words.from != SEVERITY_NONE && f->severity >= a->words.from && !f->text[FINDING_SUPPRESSED];
}

static void put_new(struct alarm *a, const struct diagnosis *d, struct text *ret)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct finding *f = &d->v[i], *before = diagnosis_find(&a->last, f);

		if (!counts(a, f) || (before && counts(a, before)))
			continue;
		text_printf(ret, "%s %s %s", severity_name(f->severity), rules[f->rule].id,
			    f->text[FINDING_TITLE]);
		if (f->text[FINDING_NETNS])
			text_printf(ret, " (in %s)", f->text[FINDING_NETNS]);
		text_char(ret, '\n');
		a->has_found = true;
	}
}

int alarm_look(struct alarm *a, struct text *ret, struct err *e)
{
	struct notes *notes = &a->cli->notes;
	struct diagnosis d;
	bool is_first = !a->has_looked;
	int r;

	a->has_looked = true;
	e->text[0] = '\0';
	if (is_first && doctor_wants_two(a->doctor))
		return doctor_look(a->doctor, notes, e);
	r = doctor_examine(a->doctor, &d, notes, e);
	if (r >= 0)
		r = diagnosis_carry(&d, &a->last);
	diagnosis_settle(&d);
	if (r >= 0)
		r = suppressions_apply(&a->words.known, &d, notes);
	if (r >= 0)
		put_new(a, &d, ret);
	diagnosis_done(&a->last);
	a->last = d;
	if (r >= 0 && ret->failed)
		r = -ENOMEM;
	return r < 0 && !e->text[0] ? err_sys(e, r, "the doctor") : r;
}

bool alarm_has_found(const struct alarm *a)
{
	return a->has_found;
}
