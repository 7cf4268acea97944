/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

#include "engine/run.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>

#include "engine/context.h"
#include "engine/count.h"
#include "engine/seen.h"
#include "nl/nl.h"
#include "source/bpf_tcp.h"
#include "source/bpf_udp.h"
#include "source/file.h"
#include "source/live.h"
#include "source/proc_counters.h"
#include "source/proc_protocols.h"
#include "source/release.h"
#include "source/tcp_count.h"

enum {
	ATTEMPTS = 3,
	KILL_PASSES = 32,
	OWNERS_AHEAD_FROM = 20000, /* TCP sockets: listing them takes as long as reading who holds them */
};

struct run {
	const struct plan *plan;
	const struct run_opts *o;
	struct sink *sink;
	struct notes *notes;
	struct nl *nl; /* NULL until the first question, and after a failed one */
	struct context *context;
	struct fieldset early; /* what the filter reads that no message has */
	bool has_early, has_late;
	bool is_over;        /* the output takes no more */
	bool is_tcp_less;    /* /proc/net, which has no bound-inactive ones, was told to be read for them */
	bool must_have_mark; /* the filter reads marks, and no row without one was seen so far */
	enum { BOUND_UNKNOWN, BOUND_IS_CHEAP, BOUND_IS_DEAR } bound;
	uint16_t kernel; /* its version, 0x60a for 6.10; 0: not known, or another one's words are read */
	struct choose_facts facts; /* read when they are needed */
	bool has_facts;
	bool has_counted;           /* all but the listening sockets at once */
	bool cannot_count;          /* it was tried */
	struct bpf_tcp *bpf;        /* NULL until it is needed, and when it cannot be had */
	struct bpf_udp *udp;        /* likewise */
	int bpf_failed, udp_failed; /* why not: a negative errno */
	struct err bpf_why, udp_why;
	struct seen seen;
	uint64_t endpoint; /* SCTP: cookie of the one whose associations come */
	struct row row;    /* the one at hand: too large to be made anew for each message */
};

static const char *table_name(const struct step *s)
{
	return s->types ? s->dump.family->name : table_names[s->dump.origin.table];
}

/* Bits 1 << SOCK_*: the types whose tables have a socket of @type. */
static uint32_t counts_as(uint8_t af, uint64_t type)
{
	if (type == SOCK_STREAM || type == SOCK_DGRAM || (af == AF_UNIX && type == SOCK_SEQPACKET) ||
	    (af == AF_PACKET && type == SOCK_RAW))
		return 1u << type;
	return af == K_AF_VSOCK ? UINT32_MAX : 1u << SOCK_DGRAM;
}

static bool is_shown(struct run *r, const struct step *s, const struct row *row)
{
	uint64_t type = field_u64(row, F_TYPE, 0);

	if (s->types && !(s->types & counts_as(s->dump.af, type)))
		return false;
	if (s->row_states && (s->dump.origin.protocol == IPPROTO_RAW || s->dump.af == K_AF_SMC) &&
	    !(s->row_states >> (field_u64(row, F_STATE, 0) & 31) & 1))
		return false;
	if (r->must_have_mark && s->dump.family == &family_inet && !row_has(row, SEG_MARK)) {
		r->must_have_mark = false;
		notes_add(r->notes, NOTE_WARNING,
			  "the filter asks for marks: sockets whose mark is not known are left out (the "
			  "kernel tells "
			  "it to CAP_NET_ADMIN only, and /proc/net never)");
	}
	return filter_match(r->plan->o->filter, row);
}

/* The kernel lists netlink sockets by port id and then by group, protocol after protocol: some come twice. */
static bool is_repeated(struct run *r, const struct step *s, const struct row *row)
{
	struct val cookie;

	return s->dump.af == AF_NETLINK && field_get(row, F_COOKIE, &cookie) &&
	       seen_before(&r->seen, (uint32_t)field_u64(row, F_NETLINK_PROTO, 0), cookie.u);
}

/*
 * The kernel sends an SCTP endpoint again when its associations need another
 * message. One that comes after others is kept: its associations follow.
 */
static bool is_endpoint_again(struct run *r, const struct step *s, const struct row *row)
{
	uint64_t before = r->endpoint;

	if (s->kind != STEP_KERNEL || s->dump.origin.protocol != IPPROTO_SCTP || !row_has(row, SEG_LOCALS) ||
	    row_has(row, SEG_PEERS))
		return false;
	r->endpoint = field_u64(row, F_COOKIE, 0);
	return r->endpoint && r->endpoint == before;
}

static void one_row(struct run *r, const struct step *s, const struct nlmsghdr *nlh)
{
	struct row *row = &r->row;
	int k;

	if (row_open(row, s->dump.family, &s->dump.origin, nlh) < 0)
		notes_add(r->notes, NOTE_ERROR,
			  "%s sockets: a malformed message was left out or shown in part", table_name(s));
	if (!row_has(row, (enum seg)s->dump.family->msg) || is_repeated(r, s, row) ||
	    is_endpoint_again(r, s, row))
		return;
	if (r->has_early)
		context_add(r->context, &r->early, row);
	if (!is_shown(r, s, row))
		return;
	if (r->has_late)
		context_add(r->context, &r->plan->fields, row);
	if (r->o->killer && !killer_row(r->o->killer, row))
		return;
	k = r->sink->ops->row(r->sink, row);
	if (k < 0 && !r->o->killer) /* what is to be destroyed is, whoever looks on */
		r->is_over = true;
}

/* Reads a source to its end or that of the output. @ret_rows counts messages, also when it fails. */
static int drain(struct run *r, const struct step *s, struct source *src, size_t *ret_rows, struct err *e)
{
	const struct nlmsghdr *nlh;
	int k = 0;

	*ret_rows = 0;
	while (!r->is_over && (k = source_next(src, &nlh, e)) > 0) {
		++*ret_rows;
		one_row(r, s, nlh);
	}
	return r->is_over ? 0 : k;
}

static int read_proc(struct run *r, const struct step *s, struct err *e)
{
	struct step p = *s;
	struct source *src = NULL;
	size_t n_rows;
	int k;

	p.dump.origin.is_proc = 1;
	k = proc_open(&r->plan->o->proc, &p.dump, &src, e);
	if (k < 0)
		return k;
	k = drain(r, &p, src, &n_rows, e);
	if (proc_skipped(src))
		notes_add(r->notes, NOTE_ERROR,
			  "%s sockets: %llu lines under /proc/net made no sense and were left out",
			  table_name(s), (unsigned long long)proc_skipped(src));
	(void)source_close(src);
	return k;
}

static int read_file(struct run *r, const struct step *s, struct err *e)
{
	struct source *src = NULL;
	size_t n_rows;
	int k = file_open(r->plan->o->tcp_file, &src, e);

	if (k < 0)
		return k;
	k = drain(r, s, src, &n_rows, e);
	(void)source_close(src);
	return k;
}

/*
 * An AF_XDP socket that has lost its device cannot be listed, and the kernel
 * takes that for a full buffer and stops: those after it are missing. Only
 * its count of them tells.
 */
static void check_xdp(struct run *r, size_t n_rows)
{
	int64_t n = proc_protocol_sockets(NULL, "XDP");

	if (n > (int64_t)n_rows)
		notes_add(r->notes, NOTE_WARNING,
			  "xdp sockets: there are %lld, but the kernel listed %zu: it stops at one whose "
			  "device "
			  "is gone",
			  (long long)n, n_rows);
}

static const struct choose_facts *facts(struct run *r)
{
	if (!r->has_facts)
		choose_read(&(const struct proc_counter_paths){}, &r->facts);
	r->facts.is_kill = r->o->killer != NULL;
	r->facts.is_loaded = r->bpf != NULL;
	r->facts.is_udp_loaded = r->udp != NULL;
	r->facts.is_count = !r->cannot_count && count_is_possible(r->plan, r->sink);
	r->has_facts = true;
	return &r->facts;
}

static bool is_udp(const struct step *s)
{
	return s->dump.origin.protocol == IPPROTO_UDP;
}

/* What is to answer @s. */
static enum source_kind source_of(struct run *r, const struct step *s)
{
	struct choice c;

	if (r->o->env || s->kind != STEP_KERNEL || (s->dump.origin.protocol != IPPROTO_TCP && !is_udp(s)))
		return SOURCE_NETLINK;
	choose(s, r->o->source, facts(r), &c);
	return c.source;
}

/* Has BPF count. Returns whether that answers @s. */
static bool ask_counts(struct run *r, const struct step *s)
{
	struct err why;
	int k;

	if (source_of(r, s) != SOURCE_BPF_COUNTS)
		return false;
	if (r->has_counted)
		return true;
	k = count_sockets(
		&(const struct count_opts){
			.plan = r->plan, .step = s, .n_tcp = r->facts.n_tcp, .max_groups = r->o->max_groups },
		r->sink, &why);
	r->has_counted = k >= 0;
	r->cannot_count = k < 0;
	r->is_over |= k > 0;
	if (k < 0 && r->o->source == SOURCE_BPF)
		notes_add(r->notes, NOTE_WARNING, "counted row by row: %s", why.text);
	return r->has_counted;
}

/* Sees to it that the walk by BPF is loaded, if it can be. */
static void load_bpf(struct run *r, const struct step *s)
{
	const struct bpf_tcp_opts o = { .walk = { .ask = s->dump.ask,
						  .fields = &r->plan->fields,
						  .is_forced = r->o->source == SOURCE_BPF },
					.want_listening = r->o->source == SOURCE_BPF };

	if (is_udp(s) && !r->udp && !r->udp_failed)
		r->udp_failed = bpf_udp_new(&o.walk, &r->udp, &r->udp_why);
	else if (!is_udp(s) && !r->bpf && !r->bpf_failed)
		r->bpf_failed = bpf_tcp_new(&o, &r->bpf, &r->bpf_why);
}

/* Opens the walk by BPF. Returns 0 or a negative errno. */
static int open_bpf(struct run *r, const struct step *s, struct source **ret, struct err *why)
{
	load_bpf(r, s);
	if (is_udp(s) ? !r->udp : !r->bpf) {
		*why = is_udp(s) ? r->udp_why : r->bpf_why;
		return is_udp(s) ? r->udp_failed : r->bpf_failed;
	}
	return is_udp(s) ? bpf_udp_open(r->udp, &s->dump, ret, why)
			 : bpf_tcp_open(r->bpf, &s->dump, ret, why);
}

/* Asks BPF. Returns 1 when it answered, 0 when netlink is to be asked, or a negative errno. */
static int ask_bpf(struct run *r, const struct step *s, size_t *ret_rows, struct err *e)
{
	struct source *src = NULL;
	struct err why;
	int k;

	if (source_of(r, s) != SOURCE_BPF)
		return 0;
	k = open_bpf(r, s, &src, &why);
	if (k < 0 && r->o->source == SOURCE_BPF)
		return err_say(e, k, "no walk by BPF: %s", why.text);
	if (k < 0)
		return 0;
	k = drain(r, s, src, ret_rows, e);
	(void)source_close(src);
	if (k >= 0 && r->bpf && !is_udp(s) && bpf_tcp_doubt(r->bpf))
		notes_add(r->notes, NOTE_WARNING,
			  "tcp sockets: some may be missing, or shown and not there: %s",
			  bpf_tcp_doubt(r->bpf));
	return k < 0 ? k : 1;
}

/* Whether this kernel lists bound-inactive sockets at all. */
static bool lists_bound(const struct run *r)
{
	return !r->kernel || r->kernel >= 0x608;
}

/*
 * The kernel looks for bound-inactive sockets under the lock that new
 * connections to the same port need, for about 0.2 us a socket of that port.
 */
static bool find_bound_cheap(struct run *r)
{
	struct proc_counter_errors errors;
	struct proc_counters c;
	int64_t n;

	if (r->plan->o->select.wants_bound || r->o->env)
		return true;
	proc_counters_read(&(const struct proc_counter_paths){}, &c, &errors);
	n = (c.v[COUNTER_TCP_INUSE] > 0 ? c.v[COUNTER_TCP_INUSE] : 0) +
	    (c.v[COUNTER_TCP6_INUSE] > 0 ? c.v[COUNTER_TCP6_INUSE] : 0);
	if (n < TCP_BOUND_CHEAP)
		return true;
	if (lists_bound(r))
		notes_add(r->notes, NOTE_WARNING,
			  "sockets that are bound but neither listen nor connect are left out: with %lld TCP "
			  "sockets, looking "
			  "for them would hold up new connections (\"state bound-inactive\" or -B does it "
			  "all the same)",
			  (long long)n);
	return false;
}

/* One answer for all address families. */
static bool is_bound_cheap(struct run *r)
{
	if (r->bound == BOUND_UNKNOWN)
		r->bound = find_bound_cheap(r) ? BOUND_IS_CHEAP : BOUND_IS_DEAR;
	return r->bound == BOUND_IS_CHEAP;
}

static int ask(struct run *r, const struct step *s, size_t *ret_rows, struct err *e)
{
	struct source *src = NULL;
	int k;

	*ret_rows = 0;
	seen_done(&r->seen);
	r->endpoint = 0;
	if (ask_counts(r, s))
		return 0;
	k = ask_bpf(r, s, ret_rows, e);
	if (k || (s->is_bound_inactive && !is_bound_cheap(r)))
		return k;
	if (!r->nl && !r->o->env) {
		k = nl_open(NETLINK_SOCK_DIAG, &r->nl, e);
		if (k < 0)
			return k;
	}
	k = r->o->env ? r->o->env->open(r->o->env->ctx, &s->dump, &src, e)
		      : live_open(r->nl, &s->dump, &src, e);
	if (k < 0)
		return k;
	k = drain(r, s, src, ret_rows, e);
	(void)source_close(src);
	if (r->nl && nl_is_interrupted(r->nl))
		notes_add(r->notes, NOTE_WARNING,
			  "%s sockets changed while they were listed: some may be missing or shown twice",
			  table_name(s));
	if (k >= 0 && s->dump.af == K_AF_XDP && !r->o->env)
		check_xdp(r, *ret_rows);
	/* What the kernel still has to say must not be taken for another answer. */
	if (k < 0 || r->is_over)
		r->nl = nl_close(r->nl);
	return k;
}

static bool is_missing(int k)
{
	return k == -ENOENT || k == -EOPNOTSUPP || k == -EPROTONOSUPPORT || k == -EAFNOSUPPORT;
}

/* Without sock_diag there may be TCP, UDP and raw sockets all the same; of others there are probably none. */
static int no_answer(struct run *r, const struct step *s, int k)
{
	enum note kind = NOTE_HINT;

	if (!is_missing(k))
		return k;
	switch (s->dump.origin.table) {
	case TABLE_TCP: kind = NOTE_ERROR; break;
	case TABLE_UDP:
	case TABLE_RAW: kind = NOTE_WARNING; break;
	default: break;
	}
	notes_add(r->notes, kind, "%s sockets: this kernel has no sock_diag for them, which this needs",
		  table_name(s));
	return 0;
}

/* The kernel does not have the table, or sock_diag: what it says in text is all there is. */
static int ask_no_more(struct run *r, const struct step *s, int k, struct err *e)
{
	struct err why = *e;
	int p;

	if (s->is_bound_inactive)
		return is_missing(k) || r->is_tcp_less ? 0 : k;
	if (r->o->source == SOURCE_BPF && source_of(r, s) == SOURCE_BPF)
		return k;
	if (r->o->is_kernel_only)
		return no_answer(r, s, k);
	p = read_proc(r, s, e);
	if (p == -EOPNOTSUPP || p == -ENOENT) { /* no such file either */
		*e = why;
		return is_missing(k) ? 0 : k;
	}
	if (p < 0)
		return p;
	if (is_missing(k))
		notes_add(r->notes, NOTE_HINT,
			  "%s sockets: this kernel has no sock_diag for them; /proc/net, read instead, tells "
			  "less",
			  table_name(s));
	else
		notes_add(r->notes, NOTE_WARNING, "%s sockets: %s; /proc/net, read instead, tells less",
			  table_name(s), why.text);
	r->is_tcp_less |= s->dump.origin.table == TABLE_TCP;
	return 0;
}

/* Asks, in the way that this kernel and these privileges allow. */
static int ask_somehow(struct run *r, const struct step *s, struct err *e)
{
	struct step t = *s;
	size_t n_rows;
	int k = 0;

	for (int i = 0; i < ATTEMPTS; i++) {
		t.dump.origin.kernel = r->kernel;
		t.dump.origin.is_filtered = t.kind == STEP_KERNEL && t.dump.bytecode;
		k = ask(r, &t, &n_rows, e);
		if (k >= 0)
			return 0;
		if (n_rows)
			return err_context(e, k, "after %zu rows", n_rows);
		if (k == -EPERM && t.dump.ask & ASK_STORAGE) {
			notes_add(r->notes, NOTE_WARNING, "BPF storage is not shown: %s", e->text);
			t.dump.ask &= ~ASK_STORAGE;
			continue;
		}
		/* The program may need a newer kernel, or a privilege: every row is looked at here anyway. */
		if (t.dump.bytecode && (k == -EINVAL || k == -EPERM || k == -E2BIG))
			t.dump.bytecode = NULL;
		else if (k != -EBUSY && k != -ENOBUFS && k != -ENOMEM && k != -EAGAIN)
			break;
	}
	return ask_no_more(r, s, k, e);
}

/*
 * The kernel goes on with a dump by counting from the head of a hash chain, so
 * whoever takes sockets off the chain meanwhile hides as many others. What was
 * hidden comes up when it is asked again.
 */
static int ask_and_kill(struct run *r, const struct step *s, struct err *e)
{
	size_t before;
	int k, i = 0;

	do {
		before = killer_progress(r->o->killer);
		k = ask_somehow(r, s, e);
	} while (k >= 0 && killer_progress(r->o->killer) > before && ++i < KILL_PASSES);
	return k;
}

static int one_step(struct run *r, const struct step *s, struct err *e)
{
	switch (s->kind) {
	case STEP_FILE: return read_file(r, s, e);
	case STEP_PROC: return read_proc(r, s, e);
	case STEP_KERNEL: break;
	}
	return r->o->killer ? ask_and_kill(r, s, e) : ask_somehow(r, s, e);
}

/* Whether owners are needed for certain, and there is so much to list that they are better read meanwhile. */
static bool is_owner_sure(struct run *r)
{
	const struct plan *p = r->plan;

	if (r->o->env || p->o->filter || !context_has_owners(&p->fields))
		return false;
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].kind == STEP_KERNEL && p->steps[i].dump.origin.protocol == IPPROTO_TCP)
			return facts(r)->n_tcp >= OWNERS_AHEAD_FROM;
	return false;
}

/* Does what needs no owners before the first row, which waits for them. */
static void prepare_bpf(struct run *r)
{
	for (size_t i = 0; i < r->plan->n_steps; i++) {
		const struct step *s = &r->plan->steps[i];

		if (source_of(r, s) != SOURCE_BPF)
			continue;
		load_bpf(r, s);
		if (r->bpf && s->is_bound_inactive) {
			bpf_tcp_prepare_bound(r->bpf);
			return;
		}
	}
}

int run_plan(const struct plan *p, const struct run_opts *o, struct sink *sink, struct notes *notes,
	     struct err *e)
{
	const struct context_opts co = { .names = o->names,
					 .notes = notes,
					 .proc_root = o->proc_root,
					 .want_threads = o->want_threads,
					 .owners_way = choose_owners(o->source),
					 .owners = o->env ? o->env->owners : NULL,
					 .ctx = o->env ? o->env->ctx : NULL };
	struct run r = { .plan = p,
			 .o = o,
			 .sink = sink,
			 .notes = notes,
			 .kernel = o->env ? 0 : release_running(),
			 .must_have_mark = filter_uses_mark(p->o->filter) };
	int k = context_new(&co, &r.context), error;

	if (k < 0)
		return k;
	filter_fields(p->o->filter, &r.early);
	r.has_early = context_has(&r.early);
	r.has_late = context_has(&p->fields);
	if (is_owner_sure(&r)) {
		context_begin_owners(r.context);
		prepare_bpf(&r);
	}
	for (size_t i = 0; i < p->n_steps && !r.is_over; i++) {
		const struct step *s = &p->steps[i];

		k = one_step(&r, s, e);
		if (k < 0)
			notes_add(notes, NOTE_ERROR, "%s sockets: %s", table_name(s), e->text);
	}
	k = sink->ops->end(sink);
	if (o->killer)
		killer_report(o->killer, notes);
	error = context_error(r.context);
	(void)bpf_tcp_free(r.bpf);
	(void)bpf_udp_free(r.udp);
	(void)nl_close(r.nl);
	(void)context_free(r.context);
	seen_done(&r.seen);
	return k < 0 ? k : error;
}
