/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "engine/everywhere.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/sv.h"
#include "engine/choose.h"

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
	struct choose_facts facts = {};

	choose_read(&paths, &facts);
	return facts.n_tcp;
}

/* Looks around in namespace @i and comes home. Returns 1, 0 when it cannot be entered, or a negative errno.
 */
static int look(struct everywhere *w, size_t i, int is_home_common, struct err *e)
{
	struct place *p = &w->v[w->n];
	int r = i ? netns_visit(w->list, i, e) : 0, is_common = 0;

	if (r == 0) {
		is_common = i ? uses_common_table() : 0;
		if (is_common > 0)
			is_common = is_home_common;
		*p = (struct place){ .ns = &w->list->v[i], .i = i, .n_tcp = count_tcp() };
		if (i && netns_visit(w->list, 0, e) < 0)
			return -ENOTRECOVERABLE;
		/* Whether another one's answer has its sockets is not known. */
		r = is_common < 0 ? err_sys(e, is_common, "network namespace %s", p->ns->name) : 0;
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
	if (l->has_some_only)
		notes_add(
			notes, NOTE_WARNING,
			"not all processes of this machine are to be seen here: network namespaces that only "
			"others are in are not listed");
	if (l->no_processes.text[0])
		notes_add(notes, NOTE_ERROR,
			  "network namespaces may be missing, not all processes were looked "
			  "at: %s",
			  l->no_processes.text);
	if (l->no_mounts.text[0])
		notes_add(notes, NOTE_ERROR, "network namespaces that only a mount holds may be missing: %s",
			  l->no_mounts.text);
	if (l->n_unreached)
		notes_add(notes, NOTE_ERROR,
			  "%zu network namespace%s not listed: where %s mounted, something else "
			  "is mounted over it, or this user may not go",
			  l->n_unreached, l->n_unreached == 1 ? " is" : "s are",
			  l->n_unreached == 1 ? "it is" : "they are");
}

int everywhere_new(const struct netns_list *list, struct notes *notes, struct everywhere **ret, struct err *e)
{
	_cleanup_(everywhere_freep) struct everywhere *w = calloc(1, sizeof(*w));
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

void everywhere_done(struct everywhere *w, size_t step)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].is_walked && step < PLACE_STEPS)
			w->v[i].done |= UINT64_C(1) << step;
}

void everywhere_counted(struct everywhere *w, bool is_bound)
{
	/* Linux gives some namespaces a table of connections of their own, but never one of bound ports. */
	for (size_t i = 1; i < w->n; i++)
		w->v[i].is_walked = is_bound || w->v[i].shares_table;
}

bool everywhere_has(struct everywhere *w, uint32_t ino)
{
	size_t i;

	if (w->has_last && w->last == ino)
		return true;
	i = netns_find(w->list, ino);
	if (i == w->list->n || !w->is_open[i])
		return false;
	w->last = ino;
	w->has_last = true;
	return true;
}

void everywhere_left_out(struct everywhere *w, uint32_t ino, uint64_t n)
{
	size_t i = 0;

	w->n_unlisted += n;
	while (i < w->n_unlisted_ns && w->unlisted[i] != ino)
		i++;
	if (i == w->n_unlisted_ns && i < UNLISTED_MAX)
		w->unlisted[w->n_unlisted_ns++] = ino;
}

void everywhere_report(const struct everywhere *w, struct notes *notes)
{
	size_t n = w->n_unlisted_ns;

	if (n)
		notes_add(notes, NOTE_WARNING,
			  "%llu socket%s of %s%zu network namespace%s left out: no process and no mount to "
			  "be seen "
			  "here leads to %s",
			  (unsigned long long)w->n_unlisted, w->n_unlisted == 1 ? "" : "s",
			  n == UNLISTED_MAX ? "at least " : "", n, n == 1 ? "" : "s", n == 1 ? "it" : "them");
}

struct everywhere *everywhere_free(struct everywhere *w)
{
	if (!w)
		return NULL;
	free(w->v);
	free(w->is_open);
	free(w);
	return NULL;
}
