/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/resolved.h"

#include <errno.h>

#include "report/resolve.h"

enum { WITHIN_US = 3000000 };

int resolved_open(struct cli *c, struct tabular **format)
{
	struct resolve_opts o = { .notes = &c->notes, .within_us = WITHIN_US };
	struct tabular *next = *format;
	int r = 0;

	if (!(c->q.show & SHOW_RESOLVE))
		return 0;
	*format = NULL;
	/* Threads look from where they are made; later this one may be in another network namespace. */
	if (c->host->is_live && !c->reverse)
		r = reverse_new(&c->reverse);
	if (r < 0) {
		(void)tabular_free(next);
		return r;
	}
	if (!c->reverse)
		notes_add(&c->notes, NOTE_WARNING,
			  "names of hosts are not shown: nobody can be asked for those of a recording");
	o.reverse = c->reverse;
	return resolve_new(&o, next, format);
}

int resolved_check(const struct cli *c, const struct fieldset *keys, const struct fieldset *named,
		   struct err *e)
{
	static const struct {
		enum field_id name, addr;
		const char *word;
	} of[] = { { F_LOCAL_NAME, F_SRC, "src" }, { F_PEER_NAME, F_DST, "dst" } };

	for (size_t i = 0; i < ARRAY_SIZE(of); i++) {
		const char *name = fields[of[i].name].name;

		if (fieldset_has(keys, of[i].name))
			return err_say(
				e, -EINVAL,
				"%s is known only when sockets have been chosen, counted and sorted; do "
				"that by %s, in a filter with the name: %s NAME",
				name, fields[of[i].addr].name, of[i].word);
		if (fieldset_has(named, of[i].name) && !(c->q.show & SHOW_RESOLVE))
			return err_say(e, -EINVAL, "%s is what a name server says: add -r to ask it", name);
	}
	return 0;
}
