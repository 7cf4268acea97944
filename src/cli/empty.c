/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/empty.h"

#include "cli/features.h"
#include "host/names.h"

enum { NAMED = 4 }; /* namespaces that are named; of more there are only so many */

/* " (db, web)" after how many namespaces there are but this one; nothing where that cannot be told. */
static void put_elsewhere(const struct netns_list *l, struct text *t)
{
	size_t n = l->n - 1;

	text_printf(t, "; there %s %zu other network namespace%s", n == 1 ? "is" : "are", n,
		    n == 1 ? "" : "s");
	for (size_t i = 1; i < l->n && n <= NAMED; i++) {
		text_str(t, i == 1 ? " (" : ", ");
		text_str(t, l->v[i].name);
		text_str(t, i + 1 == l->n ? ")" : "");
	}
	text_str(t, n == 1 ? ": -N all looks there too" : ": -N all looks in all of them");
}

void empty_tell(struct cli *c, const struct selection *sel, bool is_filtered)
{
	const uint32_t waiting = STATE(K_TCP_LISTEN) | STATE(K_TCP_CLOSE);
	const struct netns_list *l;
	struct text t = {};
	struct err e;

	if (!(sel->states & STATE(K_TCP_LISTEN)) || sel->states & ~waiting)
		return;
	text_str(&t, is_filtered ? "no listening socket fits" : "no socket listens");
	text_str(&t, c->q.want_all_netns ? " in any network namespace" : " here");
	if (!c->q.want_all_netns && c->host->is_live && names_find_netns(c->host->names, &l, &e) >= 0 &&
	    l->n > 1)
		put_elsewhere(l, &t);
	if (!t.failed)
		notes_add(&c->notes, NOTE_HINT, "%.*s", (int)t.len, t.p);
	text_done(&t);
}
