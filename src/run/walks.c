/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/walks.h"

#include <errno.h>
#include <netinet/in.h>

#include "host/host.h"
#include "source/bpf_tcp.h"
#include "source/bpf_udp.h"

static void drop_tcp(struct walks *w)
{
	w->tcp = bpf_tcp_free(w->tcp);
	w->tcp_failed = 0;
}

static void drop_udp(struct walks *w)
{
	w->udp = bpf_udp_free(w->udp);
	w->udp_failed = 0;
}

void walks_done(struct walks *w)
{
	drop_tcp(w);
	drop_udp(w);
	w->count = bpf_count_free(w->count);
}

static bool is_same_kind(const struct walks_kind *a, const struct walks_kind *b)
{
	return !memcmp(&a->fields, &b->fields, sizeof(a->fields)) && a->is_forced == b->is_forced &&
	       a->is_everywhere == b->is_everywhere;
}

void walks_begin(struct walks *w, const struct walks_kind *kind, const struct places *places,
		 struct answered *answered)
{
	if (!is_same_kind(&w->kind, kind)) {
		drop_tcp(w);
		drop_udp(w);
	}
	w->kind = *kind;
	w->places = places;
	w->answered = answered;
	if (w->tcp)
		bpf_tcp_begin(w->tcp);
	if (w->udp)
		bpf_udp_begin(w->udp);
}

static struct proc_counters counters(void *ctx)
{
	struct proc_counter_errors unused;
	struct proc_counters c = proc_counters_none();

	/* Those of a file that was named are not those of the kernel that is walked. */
	if (!host_has_own_counters(ctx))
		host_counters(ctx, &c, &unused);
	return c;
}

/* Sees to it that the program is loaded, if it can be. Returns 0 or a negative errno. */
static int load_tcp(struct walks *w, const struct step *s, int64_t n_tcp, struct err *e)
{
	const struct bpf_tcp_opts o = { .walk = { .ask = s->dump.ask,
						  .fields = &w->kind.fields,
						  .is_everywhere = w->kind.is_everywhere,
						  .n_expected = n_tcp,
						  .is_forced = w->kind.is_forced,
						  .counters = counters,
						  .ctx = w->host },
					.want_listening = w->kind.is_forced };

	if (w->tcp_ask != s->dump.ask)
		drop_tcp(w);
	w->tcp_ask = s->dump.ask;
	if (!w->tcp && !w->tcp_failed)
		w->tcp_failed = bpf_tcp_new(&o, &w->tcp, &w->tcp_why);
	return w->tcp ? 0 : err_say(e, w->tcp_failed, "%s", w->tcp_why.text);
}

static int load_udp(struct walks *w, const struct step *s, struct err *e)
{
	const struct bpf_walk_opts o = { .ask = s->dump.ask,
					 .fields = &w->kind.fields,
					 .is_everywhere = w->kind.is_everywhere,
					 .is_forced = w->kind.is_forced,
					 .counters = counters,
					 .ctx = w->host };

	if (w->udp_ask != s->dump.ask)
		drop_udp(w);
	w->udp_ask = s->dump.ask;
	if (!w->udp && !w->udp_failed)
		w->udp_failed = bpf_udp_new(&o, &w->udp, &w->udp_why);
	return w->udp ? 0 : err_say(e, w->udp_failed, "%s", w->udp_why.text);
}

static bool is_udp(const struct step *s)
{
	return s->dump.origin.protocol == IPPROTO_UDP;
}

/* What the table with the answer to @s is called where the thread is. */
static int tell_table(struct walks *w, const struct step *s, uint64_t *ret, struct err *e)
{
	return is_udp(s) ? bpf_udp_table(w->udp, ret, e) : bpf_tcp_table(w->tcp, &s->dump, ret, e);
}

/* Which places have the answer to @s in the table that home has it in; each kind of answer has one. */
static int find_sharing(struct walks *w, const struct step *s, struct err *e)
{
	const struct places *all = w->places;
	uint64_t home;
	int r = tell_table(w, s, &home, e), back = 0;

	for (size_t i = 1; i < all->n && r >= 0 && back >= 0; i++) {
		uint64_t table = 0;

		r = places_visit(all, &all->v[i], e);
		if (r >= 0) {
			r = tell_table(w, s, &table, e);
			back = places_visit(all, NULL, e);
		}
		w->answered[i].is_shared = r >= 0 && table == home;
	}
	return back < 0 ? back : r;
}

void walks_prepare(struct walks *w, const struct step *s, int64_t n_tcp)
{
	struct err unused;

	if (is_udp(s))
		(void)load_udp(w, s, &unused);
	else if (load_tcp(w, s, n_tcp, &unused) >= 0 && s->is_bound_inactive)
		bpf_tcp_prepare_bound(w->tcp);
}

static int open_udp(struct walks *w, const struct step *s, struct source **ret, struct err *e)
{
	int r = bpf_udp_open(w->udp, &s->dump, ret, e);

	if (r != -E2BIG)
		return r;
	/* The room is that of an earlier run. */
	drop_udp(w);
	r = load_udp(w, s, e);
	return r < 0 ? r : bpf_udp_open(w->udp, &s->dump, ret, e);
}

int walks_open(struct walks *w, const struct step *s, int64_t n_tcp, struct source **ret, struct err *e)
{
	int r = is_udp(s) ? load_udp(w, s, e) : load_tcp(w, s, n_tcp, e);

	if (r >= 0 && w->places)
		r = find_sharing(w, s, e);
	if (r < 0)
		return r;
	return is_udp(s) ? open_udp(w, s, ret, e) : bpf_tcp_open(w->tcp, &s->dump, ret, e);
}

const char *walks_doubt(const struct walks *w, const struct step *s)
{
	return is_udp(s) || !w->tcp ? NULL : bpf_tcp_doubt(w->tcp);
}
