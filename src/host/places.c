/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/places.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/sv.h"
#include "host/facts.h"

/*
 * Whether the namespace that this thread is in uses the table of the initial one: its number of buckets is
 * negative then (Linux 6.1; before, there is no such file and one table), but in the initial one, the only
 * one to have the other file. Returns 1, 0 or a negative errno.
 */
static int uses_common_table(void)
{
	struct text t = {};
	int r = file_read("/proc/sys/net/ipv4/tcp_ehash_entries", 64, &t);
	bool is_common = r == -ENOENT || (r == 0 && (!t.len || t.p[0] == '-'));

	text_done(&t);
	if (is_common || r < 0)
		return is_common ? 1 : r;
	if (access("/proc/sys/net/ipv4/tcp_max_orphans", F_OK) == 0)
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

static int64_t count_tcp(void)
{
	const struct proc_counter_paths paths = { .sockstat = "/proc/thread-self/net/sockstat",
						  .sockstat6 = "/proc/thread-self/net/sockstat6",
						  .snmp = "/proc/thread-self/net/snmp" };
	struct facts facts = facts_unknown();

	facts_count(&paths, &facts);
	return facts.n_tcp;
}

/* Looks around in namespace @i and comes home. Returns 1, 0 when it cannot be entered, or a negative errno.
 */
static int look(struct places *w, size_t i, int is_home_common, struct err *e)
{
	struct place *p = &w->v[w->n];
	int r = i ? netns_visit(w->list, i, e) : 0, is_common = 0;

	if (r == 0) {
		is_common = i ? uses_common_table() : 0;
		if (is_common > 0)
			is_common = is_home_common;
		*p = (struct place){ .i = i,
				     .ino = w->list->v[i].ino,
				     .fd = w->list->v[i].fd,
				     .name = w->list->v[i].name,
				     .n_tcp = count_tcp() };
		if (i && netns_visit(w->list, 0, e) < 0)
			return -ENOTRECOVERABLE;
		/* Whether another one's answer has its sockets is not known. */
		r = is_common < 0 ? err_sys(e, is_common, "network namespace %s", p->name) : 0;
	}
	if (r < 0) {
		if (!w->why.text[0])
			w->why = *e;
		return 0;
	}
	p->shares_table = i == 0 || is_common;
	w->n++;
	w->is_open[i] = true;
	if (p->shares_table && p->n_tcp) {
		w->n_sharing++;
		w->n_tcp = w->n_tcp < 0 || p->n_tcp < 0 ? -1 : w->n_tcp + p->n_tcp;
	}
	return 1;
}

/* Whether we are root, and not only in a user namespace of ours, in which all users are not mapped. */
static bool is_host_root(void)
{
	struct text t = {};
	struct sv rest;
	bool is_initial;

	(void)file_read("/proc/self/uid_map", 256, &t);
	rest = sv_n(t.p, t.len);
	(void)sv_word(&rest);
	(void)sv_word(&rest);
	is_initial = sv_is(sv_word(&rest), "4294967295");
	text_done(&t);
	return is_initial && !geteuid();
}

/* Those that the kernel has, and that are held where no descriptor leads to. */
static void note_lost(const struct netns_list *l, struct notes *notes)
{
	size_t n = l->n_lost;

	if (!n)
		return;
	notes->is_partial = true;
	notes_add(notes, NOTE_WARNING,
		  "%zu network namespace%s not listed: no process, no mount and no socket to be seen here "
		  "leads "
		  "to %s",
		  n, n == 1 ? " is" : "s are", n == 1 ? "it" : "them");
}

/* What leads to a namespace, and could not be looked at. */
static void note_not_looked_at(const struct netns_list *l, struct notes *notes)
{
	if (l->no_processes.text[0])
		notes_add(notes, NOTE_ERROR,
			  "network namespaces may be missing, not all processes were looked "
			  "at: %s",
			  l->no_processes.text);
	if (l->no_mounts.text[0])
		notes_add(notes, NOTE_ERROR, "network namespaces that only a mount holds may be missing: %s",
			  l->no_mounts.text);
	if (l->no_sockets.text[0] && !l->no_processes.text[0])
		notes_add(notes, NOTE_ERROR, "network namespaces that only a socket holds may be missing: %s",
			  l->no_sockets.text);
	if (l->n_unasked)
		notes_add(notes, is_host_root() ? NOTE_HINT : NOTE_ERROR,
			  "%zu socket%s may not be asked where %s: network namespaces that only %s not "
			  "listed%s",
			  l->n_unasked, l->n_unasked == 1 ? "" : "s",
			  l->n_unasked == 1 ? "it is" : "they are",
			  l->n_unasked == 1 ? "it holds are" : "they hold are",
			  is_host_root() ? "" : " (run as root)");
}

/* @why: the error of the first of @n_barred that could not be entered. */
static void note_missing(const struct netns_list *l, size_t n_barred, const struct err *why,
			 struct notes *notes)
{
	if (n_barred)
		notes_add(notes, NOTE_ERROR, "%zu of %zu network namespaces %s not listed: %s", n_barred,
			  l->n, n_barred == 1 ? "is" : "are", why->text);
	if (l->n_hidden)
		notes_add(notes, is_host_root() ? NOTE_HINT : NOTE_ERROR,
			  "%zu process%s may not be looked into: network namespaces that only %s in are not "
			  "listed%s",
			  l->n_hidden, l->n_hidden == 1 ? "" : "es", l->n_hidden == 1 ? "it is" : "they are",
			  is_host_root() ? "" : " (run as root)");
	notes->is_partial |= l->has_some_only;
	if (l->has_some_only)
		notes_add(
			notes, NOTE_WARNING,
			"not all processes of this machine are to be seen here: network namespaces that only "
			"others are in are not listed");
	note_not_looked_at(l, notes);
	note_lost(l, notes);
	if (l->n_unreached)
		notes_add(notes, NOTE_ERROR,
			  "%zu network namespace%s not listed: where %s mounted, something else "
			  "is mounted over it, or this user may not go",
			  l->n_unreached, l->n_unreached == 1 ? " is" : "s are",
			  l->n_unreached == 1 ? "it is" : "they are");
}

int places_new(const struct netns_list *list, struct notes *notes, struct places **ret, struct err *e)
{
	_cleanup_(places_freep) struct places *w = calloc(1, sizeof(*w));
	int is_home_common = uses_common_table();

	if (w) {
		w->v = calloc(list->n, sizeof(*w->v));
		w->is_open = calloc(list->n, sizeof(*w->is_open));
	}
	if (!w || !w->v || !w->is_open)
		return err_sys(e, -ENOMEM, "network namespaces");
	w->list = list;
	for (size_t i = 0; i < list->n; i++) {
		int r = look(w, i, is_home_common, e);

		if (r < 0)
			return r;
	}
	note_missing(list, list->n - w->n, &w->why, notes);
	*ret = take_ptr(w);
	return 0;
}

bool places_has(const struct places *w, uint32_t ino)
{
	size_t i = netns_find(w->list, ino);

	return i < w->list->n && w->is_open[i];
}

struct places *places_free(struct places *w)
{
	if (!w)
		return NULL;
	free(w->v);
	free(w->is_open);
	free(w);
	return NULL;
}

int places_visit(const struct places *w, const struct place *p, struct err *e)
{
	return netns_visit(w->list, p ? p->i : 0, e);
}
