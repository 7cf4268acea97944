/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/run.h"

int run_drain(struct run *r, const struct step *s, struct source *src, size_t *ret_rows, struct err *e)
{
	const struct nlmsghdr *nlh;
	int k = 0;

	*ret_rows = 0;
	while (!r->in.is_over && (k = source_next(src, &nlh, e)) > 0) {
		++*ret_rows;
		if (src->ready.len && r->in.late.owners)
			context_foresee(r->in.context, s->dump.family, src->ready);
		intake_take(&r->in, s, nlh);
	}
	return r->in.is_over ? 0 : k;
}
