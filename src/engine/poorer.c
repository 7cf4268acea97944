/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "engine/poorer.h"

#include <errno.h>
#include <sys/socket.h>

#include "engine/run-impl.h"
#include "source/proc.h"

/* The file shows the namespace in which it was opened. */
static int open_proc(struct run *r, const struct dump *d, struct source **ret, struct err *e)
{
	int k = place_is_elsewhere(r->place) ? netns_visit(r->everywhere->list, r->place->i, e) : 0;

	if (k < 0)
		return k;
	k = proc_open(&r->plan->o->proc, d, ret, e);
	if (!place_is_elsewhere(r->place) || netns_visit(r->everywhere->list, 0, &r->way_home) == 0)
		return k;
	if (k >= 0)
		*ret = source_close(*ret);
	return err_say(e, -ENOTRECOVERABLE, "%s", r->way_home.text);
}

/* Nothing under /proc/net has bound-inactive sockets. */
static const char without_bound[] = "does not have those that are bound but neither listen nor connect";

static bool has_bound(const struct step *s)
{
	return s->dump.origin.table == TABLE_TCP && s->dump.states & STATE(K_TCP_BOUND_INACTIVE);
}

/* What the answer to @s is not one without, and /proc/net does not tell; F_MAX when there is no such field.
 */
static enum field_id find_untold(const struct run *r, const struct step *s)
{
	enum field_id f = 0;

	while (f < F_MAX && (!fieldset_has(&r->plan->needed, f) || proc_tells(&s->dump, f)))
		f++;
	return f;
}

static int read_proc(struct run *r, const struct step *s, size_t *ret_rows, struct err *e)
{
	struct step p = *s;
	struct source *src = NULL;
	int k;

	*ret_rows = 0;
	p.dump.origin.is_proc = 1;
	k = open_proc(r, &p.dump, &src, e);
	if (k < 0)
		return k;
	k = run_drain(r, &p, src, ret_rows, e);
	if (proc_skipped(src))
		notes_add(r->notes, NOTE_ERROR,
			  "%s sockets: %llu lines under /proc/net made no sense and were left out",
			  step_table(s), (unsigned long long)proc_skipped(src));
	(void)source_close(src);
	return k;
}

/* Whether every kernel has a file for @s: IPv6 or packet sockets it may lack, IPv4 not. */
static bool has_file(const struct step *s)
{
	return s->dump.af == AF_INET;
}

int poorer_read(struct run *r, const struct step *s, struct err *e)
{
	enum field_id untold = find_untold(r, s);
	size_t n_rows;
	int k = read_proc(r, s, &n_rows, e);

	if (n_rows && untold < F_MAX)
		notes_add(r->notes, NOTE_ERROR, "%s sockets: /proc/net does not tell %s", step_table(s),
			  fields[untold].name);
	if (k >= 0 && has_bound(s) && r->plan->o->select.wants_bound)
		notes_add(r->notes, NOTE_ERROR, "%s sockets: /proc/net %s", step_table(s), without_bound);
	return k == -ENODATA && !has_file(s) ? 0 : k;
}

/*
 * Whether the error @k says that the kernel does not have the table. Only its answer can: a sandbox refuses
 * the socket with the same errors.
 */
static bool is_missing(const struct run *r, int k)
{
	return r->is_asked &&
	       (k == -ENOENT || k == -EOPNOTSUPP || k == -EPROTONOSUPPORT || k == -EAFNOSUPPORT);
}

/* Whether /proc/net shows a socket that @s asks for. */
static bool is_in_proc(struct run *r, const struct step *s)
{
	const struct nlmsghdr *nlh;
	struct source *src = NULL;
	struct err e;
	bool is_there = open_proc(r, &s->dump, &src, &e) >= 0 && source_next(src, &nlh, &e) > 0;

	(void)source_close(src);
	return is_there;
}

/* Without sock_diag there may be TCP, UDP and raw sockets all the same; of others there are probably none. */
static int no_answer(struct run *r, const struct step *s, int k)
{
	enum note kind = NOTE_HINT;

	if (!is_missing(r, k))
		return k;
	switch (s->dump.origin.table) {
	case TABLE_TCP: kind = NOTE_ERROR; break;
	case TABLE_UDP:
	case TABLE_RAW: kind = r->o->killer ? NOTE_WARNING : NOTE_HINT; break;
	default: break;
	}
	if (!r->o->killer && is_in_proc(r, s))
		kind = NOTE_ERROR;
	notes_add(r->notes, kind, "%s sockets: this kernel has no sock_diag for them, which this needs",
		  step_table(s));
	return 0;
}

/* Nothing but sock_diag has bound-inactive sockets. Where it lacks TCP, only who asked for them misses them.
 */
static int no_bound(const struct run *r, const struct step *s, int k, struct err *e)
{
	bool is_missed = r->plan->o->select.wants_bound && s->dump.origin.table == TABLE_TCP && !r->o->env;

	if (r->is_tcp_less)
		return 0;
	if (!is_missing(r, k))
		return k;
	return is_missed ? err_say(e, k, "this kernel has no sock_diag for them") : 0;
}

/* /proc/net was read for @s instead, and had @n_rows: what that means for the answer. */
static void note_poorer(struct run *r, const struct step *s, int k, size_t n_rows, const char *why)
{
	bool is_missed = is_missing(r, k), wants_bound = r->plan->o->select.wants_bound || !is_missed;
	enum field_id untold = n_rows ? find_untold(r, s) : F_MAX;
	const char *reason = is_missed ? "this kernel has no sock_diag for them" : why, *lack;
	enum note kind = is_missed ? NOTE_HINT : NOTE_WARNING;

	if (untold < F_MAX) {
		notes_add(r->notes, NOTE_ERROR, "%s sockets: %s; /proc/net, read instead, does not tell %s",
			  step_table(s), reason, fields[untold].name);
		return;
	}
	lack = "tells less";
	if (wants_bound && has_bound(s)) {
		kind = NOTE_ERROR;
		lack = without_bound;
		r->is_tcp_less = true;
	}
	notes_add(r->notes, kind, "%s sockets: %s; /proc/net, read instead, %s", step_table(s), reason, lack);
}

int poorer_answer(struct run *r, const struct step *s, int k, struct err *e)
{
	struct err why = *e, poorer;
	size_t n_rows;
	int p;

	if (k == -ENOTRECOVERABLE)
		return k;
	if (r->o->source == SOURCE_BPF && agenda_source(&r->agenda, r->place, s) == SOURCE_BPF)
		return k;
	if (s->is_bound_inactive)
		return no_bound(r, s, k, e);
	if (r->o->is_kernel_only)
		return no_answer(r, s, k);
	p = read_proc(r, s, &n_rows, &poorer);
	if (p == -EOPNOTSUPP || (p == -ENODATA && !has_file(s))) /* no such file either */
		return is_missing(r, k) ? 0 : k;
	if (p < 0)
		return err_say(e, p, "%s; %s",
			       is_missing(r, k) ? "this kernel has no sock_diag for them" : why.text,
			       poorer.text);
	note_poorer(r, s, k, n_rows, why.text);
	return 0;
}
