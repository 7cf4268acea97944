/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "enrich/proc_stat.h"

#include "base/num.h"

enum { FIELD_STATE = 3, FIELD_PPID = 4, FIELD_START = 22 };

/* The command may contain brackets, blanks and line feeds, what follows it may not. */
bool proc_stat_parse(struct sv line, struct proc_stat *ret)
{
	ptrdiff_t from = sv_find(line, '('), to = sv_rfind(line, ')');
	struct sv rest;
	uint64_t n = 0;

	if (from < 0 || to <= from)
		return false;
	*ret = (struct proc_stat){ .comm = sv_n(line.p + from + 1, (size_t)(to - from - 1)) };
	rest = sv_from(line, (size_t)to + 1);
	for (unsigned int i = FIELD_STATE; i <= FIELD_START; i++) {
		struct sv word = sv_word(&rest);

		if (i == FIELD_STATE && word.len)
			ret->state = word.p[0];
		if (i == FIELD_PPID && num_read(word, 10, UINT32_MAX, &n))
			ret->ppid = (uint32_t)n;
		if (i == FIELD_START)
			ret->is_whole = num_read(word, 10, UINT64_MAX, &ret->start);
	}
	return true;
}
