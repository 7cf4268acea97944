/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/unlisted.h"

static bool is_listed(struct unlisted *u, uint32_t ino)
{
	if (u->has_last && u->last == ino)
		return true;
	if (!places_has(u->places, ino))
		return false;
	u->last = ino;
	u->has_last = true;
	return true;
}

bool unlisted_take(struct unlisted *u, uint32_t ino, uint64_t n)
{
	size_t i = 0;

	if (is_listed(u, ino))
		return false;
	u->n += n;
	while (i < u->n_ino && u->ino[i] != ino)
		i++;
	if (i == u->n_ino && i < UNLISTED_MAX)
		u->ino[u->n_ino++] = ino;
	return true;
}

void unlisted_report(const struct unlisted *u, struct notes *notes)
{
	size_t n = u->n_ino;

	if (!n)
		return;
	notes->is_partial = true;
	notes_add(notes, NOTE_WARNING,
		  "%llu socket%s of %s%zu network namespace%s left out: no process and no mount to "
		  "be seen here leads to %s",
		  (unsigned long long)u->n, u->n == 1 ? "" : "s", n == UNLISTED_MAX ? "at least " : "", n,
		  n == 1 ? "" : "s", n == 1 ? "it" : "them");
}
