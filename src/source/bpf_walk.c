/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/bpf_walk.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "base/ahead.h"
#include "source/bpf_exact.h"
#include "source/live.h"

enum {
	STEPS = 8192,      /* sockets, of whatever namespace, that one run passes */
	BUCKETS = 1 << 16, /* and buckets, most of them empty then */
	SAMPLES = 8,       /* sockets looked at twice */
	BUF = 64 * 1024,   /* bytes of messages handed on at a time */
};

struct bpf_source {
	struct source source;
	struct bpf_walk *b;
	struct bpf_walk_order o;
	uint32_t at;     /* the bucket to go on with */
	uint32_t behind; /* of listed buckets the one after them */
	uint32_t i, n;   /* records made messages, and there */
	bool is_over;    /* no more records after these */
	bool is_checked;
	bool has_cookies; /* all sockets do, but for those made meanwhile */
	struct ahead *ahead;
	char *buf;
	struct bpf_doubt passed;
	bool is_kept; /* the last run ended in the midst of a list */
	int status;   /* a failure in the midst */
	struct err why;
};

static bool is_admin(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = {};

	return !syscall(SYS_capget, &h, d) && d[0].effective >> CAP_NET_ADMIN & 1;
}

/* Whether any field in @set may lie in what the kernel tells unasked. */
static bool reads_detail(const struct fieldset *set)
{
	static const uint8_t segs[] = { SEG_SHUTDOWN, SEG_TOS,       SEG_TCLASS, SEG_CLASS_ID,
					SEG_MARK,     SEG_CGROUP_ID, SEG_SOCKOPT };

	for (enum field_id f = 0; f < F_MAX; f++)
		for (const struct loc *l = fields[f].at; fieldset_has(set, f) && l->size; l++)
			if (memchr(segs, l->seg, sizeof(segs)))
				return true;
	return false;
}

static bool reads_timer(const struct fieldset *set)
{
	return fieldset_has(set, F_TIMER) || fieldset_has(set, F_EXPIRES) || fieldset_has(set, F_RETRANS);
}

static int configure(struct bpf_walk *b, const struct bpf_walk_opts *o, struct err *e)
{
	size_t size = bpf_message_record_size(b->form.ask);
	struct walk_config *c = bpf_load_constants(b->load, sizeof(*c), e);
	struct timespec tick;

	if (!c)
		return -EINVAL;
	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) < 0 || tick.tv_sec || tick.tv_nsec < 1000000 ||
	    tick.tv_nsec % 1000000)
		return err_say(e, -EOPNOTSUPP, "the kernel's clock does not tick in milliseconds");
	*c = (struct walk_config){
		.want_mem = size >= sizeof(struct sock_record_mem),
		.want_info = size >= sizeof(struct tcp_record_info),
		.want_timer = reads_timer(o->fields),
		.want_detail = !b->form.is_short,
		.want_ahead = b->kind->looks_ahead && o->n_expected >= BPF_AHEAD_FROM,
		.want_cc = b->form.ask >> (K_INET_DIAG_VEGASINFO - 1) & 1,
		.msec_per_jiffy = (uint32_t)(tick.tv_nsec / 1000000),
		.usec_per_jiffy = (uint32_t)(tick.tv_nsec / 1000),
	};
	return bpf_load_size(b->load, "records", b->max_records, (uint32_t)size, e);
}

int bpf_walk_init(struct bpf_walk *b, const struct bpf_walk_kind *kind, const struct bpf_walk_opts *o,
		  uint32_t records, struct err *e)
{
	int r;

	*b = (struct bpf_walk){ .kind = kind,
				.max_records = records,
				.tell = -1,
				.form = { .ask = ASK_INET_BITS(o->ask) & kind->extensions,
					  .has_mark = is_admin(),
					  .is_short = !reads_detail(o->fields),
					  .has_netns = o->is_everywhere },
				.is_forced = o->is_forced,
				.is_everywhere = o->is_everywhere,
				.counters = o->counters,
				.ctx = o->ctx,
				.want_cookie = fieldset_has(o->fields, F_COOKIE) };
	if (o->ask & ASK_STORAGE)
		return err_say(e, -EOPNOTSUPP, "BPF storage is asked for, which only sock_diag shows");
	r = bpf_load_open(kind->image, &b->load, e);
	if (r >= 0 && !o->is_everywhere)
		r = bpf_load_without(b->load, "table", e);
	return r < 0 ? r : configure(b, o, e);
}

int bpf_walk_load(struct bpf_walk *b, struct err *e)
{
	size_t stride;
	void *p;
	int r = bpf_load_finish(b->load, e);

	if (r < 0 || (r = bpf_load_mmap(b->load, ".bss", &p, &stride, e)) < 0)
		return r;
	b->run = p;
	r = bpf_load_mmap(b->load, "records", &p, &b->stride, e);
	if (r < 0)
		return r;
	b->records = p;
	if (b->is_everywhere && (r = b->tell = bpf_load_program(b->load, "table", e)) < 0)
		return r;
	return nl_open(NETLINK_SOCK_DIAG, &b->nl, e);
}

void bpf_walk_done(struct bpf_walk *b)
{
	b->nl = nl_close(b->nl);
	b->load = bpf_load_close(b->load);
}

int bpf_walk_table(struct bpf_walk *b, uint64_t which, uint64_t *ret, struct err *e)
{
	uint32_t value;
	int r = bpf_load_run(b->tell, which, &value, e);

	if (r >= 0)
		*ret = b->run->table;
	return r < 0 ? r : 0;
}

int bpf_table_choose(struct bpf_walk *b, struct bpf_table *t, uint64_t which, struct err *e)
{
	uint64_t id;
	int r;

	if (!b->is_everywhere) /* the thread stays where it is, and sees one table */
		return 0;
	r = bpf_walk_table(b, which, &id, e);
	if (r < 0 || id == t->id)
		return r;
	bpf_table_forget(t);
	t->id = id;
	return 1;
}

void bpf_table_forget(struct bpf_table *t)
{
	free(t->others.bits);
	*t = (struct bpf_table){};
}

/* Names the next buckets with sockets of this family to the program; false when there are none. */
static bool list_buckets(struct bpf_source *s)
{
	struct bpf_walk *b = s->b;
	const struct bpf_buckets *others = &s->o.table->others;
	uint32_t n = 0;

	for (; s->at < others->n && n < WALK_BUCKETS; s->at++) {
		if (!others->bits[s->at / 8]) {
			s->at |= 7;
			continue;
		}
		if (others->bits[s->at / 8] >> s->at % 8 & 1)
			b->run->listed[n++] = s->at;
	}
	s->behind = s->at;
	b->run->first = 0;
	b->run->end = n;
	return n > 0;
}

static int note_others(struct bpf_source *s)
{
	struct bpf_buckets *others = &s->o.table->others;
	const struct walk_run *w = s->b->run;

	if (!others->bits && bpf_buckets_make(others, w->buckets) < 0)
		return err_sys(&s->why, -ENOMEM, "BPF walk");
	for (uint32_t i = 0; i < w->n_others && i < WALK_OTHERS; i++)
		bpf_buckets_add(others, w->others[i]);
	return 0;
}

/* Goes on where the run ended. */
static int take_run(struct bpf_source *s)
{
	struct bpf_walk *b = s->b;
	struct walk_run *w = b->run;

	if (w->is_full)
		return err_say(&s->why, -E2BIG, "more than %u sockets in one bucket of the kernel's table",
			       b->max_records);
	if (w->is_skipped)
		return err_say(&s->why, -E2BIG,
			       "a list of the kernel's sockets is too long, or changes all the time");
	if (w->n_records > b->max_records || !w->buckets || w->buckets > BPF_BUCKETS_MAX)
		return err_say(&s->why, -EBADMSG, "the BPF walk makes no sense");
	s->i = 0;
	s->n = w->n_records;
	s->passed.n_full += w->n_full;
	s->passed.n_tw += w->n_tw;
	if (s->o.is_listed) {
		/* What is left of the list is named again. */
		s->at = w->next < w->end ? w->listed[w->next % WALK_BUCKETS] : s->behind;
		return 0;
	}
	s->at = w->next;
	s->is_over = s->at >= w->buckets;
	return note_others(s);
}

static const struct sock_record *record(const struct bpf_source *s, uint32_t i)
{
	return (const struct sock_record *)(const void *)(s->b->records + s->b->stride * i);
}

static bool has_cookie(const struct sock_record *r)
{
	return r->msg.id.idiag_cookie[0] || r->msg.id.idiag_cookie[1];
}

static int run_once(struct bpf_source *s)
{
	struct walk_run *w = s->b->run;
	uint32_t value;
	int r;

	w->is_listed = s->o.is_listed;
	w->family = s->o.af;
	w->states = s->o.states;
	w->is_everywhere = s->b->is_everywhere;
	w->max_records = s->b->max_records;
	w->max_steps = STEPS;
	w->is_kept = s->is_kept;
	if (!s->is_kept) {
		w->first = s->at;
		w->end = s->at + BUCKETS;
		if (s->o.is_listed && !list_buckets(s)) {
			s->is_over = true;
			return 0;
		}
	}
	r = bpf_load_run(s->o.program, 0, &value, &s->why);
	s->is_kept = w->is_kept;
	return r < 0 ? r : take_run(s);
}

/* Whether it is of the namespace that sock_diag answers for. */
static bool is_own(const struct bpf_source *s, const struct sock_record *r)
{
	return r->netns == s->b->run->netns;
}

/* Has the kernel give every socket there is a cookie: those that are listed get one. */
static int make_cookies(struct bpf_source *s)
{
	const struct dump d = { .family = &family_inet,
				.af = s->o.af,
				.states = s->o.states,
				.origin.protocol = s->b->kind->protocol };
	const struct nlmsghdr *nlh;
	struct source *listed;
	int r = live_open(s->b->nl, &d, &listed, &s->why);

	if (r < 0)
		return r;
	while ((r = source_next(listed, &nlh, &s->why)) > 0)
		;
	(void)source_close(listed);
	s->has_cookies = r >= 0;
	return r;
}

/* Whether sockets were found that nobody can be asked for by a cookie, and that have none yet. */
static bool lacks_cookies(const struct bpf_source *s)
{
	if (!s->b->want_cookie || s->b->kind->is_exact || s->has_cookies)
		return false;
	for (uint32_t i = 0; i < s->n; i++)
		if (!has_cookie(record(s, i)) && is_own(s, record(s, i)))
			return true;
	return false;
}

static int run(struct bpf_source *s)
{
	const uint32_t at = s->at;
	int r = run_once(s);

	if (r < 0 || !lacks_cookies(s))
		return r;
	if (!s->b->is_forced && !s->is_checked)
		return err_say(&s->why, -EOPNOTSUPP,
			       "sockets have no cookie before sock_diag has listed them");
	r = make_cookies(s);
	if (r < 0)
		return r;
	s->at = at;
	s->is_over = false;
	return run_once(s);
}

static bool is_incomplete(const struct bpf_walk *b, const struct sock_record *r)
{
	return r->flags & b->exact_flags || (b->want_cookie && !has_cookie(r));
}

/* Whether the kernel can be asked for this socket alone. */
static bool can_ask(const struct bpf_source *s, const struct sock_record *r)
{
	return !s->o.is_dump_only && is_own(s, r);
}

/* Of what cannot be asked, attributes that nobody knows are not there, nor is a cookie that was never made.
 */
static ssize_t put_as_is(struct bpf_source *s, const struct sock_record *r, char *buf)
{
	const uint32_t none[2] = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE };
	size_t len = bpf_message_put(r, &s->b->form, buf);

	if (!has_cookie(r))
		memcpy(buf + NLMSG_HDRLEN + offsetof(struct inet_diag_msg, id.idiag_cookie), none,
		       sizeof(none));
	return (ssize_t)len;
}

/* Makes a record a message. Returns its length, 0 when the socket is gone, or a negative errno. */
static ssize_t put_record(struct bpf_source *s, const struct sock_record *r, char *buf, size_t cap)
{
	const struct nlmsghdr *nlh;
	int k;

	if (!is_incomplete(s->b, r))
		return (ssize_t)bpf_message_put(r, &s->b->form, buf);
	if (!can_ask(s, r))
		return put_as_is(s, r, buf);
	if (!s->b->kind->is_exact)
		return 0; /* made since all others got their cookies */
	k = bpf_exact_ask(s->b->nl, s->b->kind->protocol, &r->msg, s->b->form.ask, &nlh, &s->why);
	if (k <= 0)
		return k;
	if (NLMSG_ALIGN(nlh->nlmsg_len) + BPF_MESSAGE_NETNS > cap)
		return -ENOBUFS;
	memset(buf + nlh->nlmsg_len, 0, NLMSG_ALIGN(nlh->nlmsg_len) - nlh->nlmsg_len);
	memcpy(buf, nlh, nlh->nlmsg_len);
	if (s->b->form.has_netns)
		return (ssize_t)bpf_message_add_netns(r, buf);
	return NLMSG_ALIGN(nlh->nlmsg_len);
}

static ssize_t fill(void *ctx, char *buf, size_t cap, bool *ret_is_last)
{
	struct bpf_source *s = ctx;
	size_t len = 0;
	ssize_t r = 0;

	while (cap - len >= BPF_MESSAGE_MAX && r >= 0) {
		if (s->i == s->n) {
			if (s->is_over)
				break;
			r = run(s);
			continue;
		}
		r = put_record(s, record(s, s->i), buf + len, cap - len);
		if (r == -ENOBUFS && len)
			return (ssize_t)len;
		s->i += r >= 0;
		len += r > 0 ? (size_t)r : 0;
	}
	if (r < 0)
		s->status = (int)r;
	*ret_is_last = r < 0 || (s->is_over && s->i == s->n);
	return (ssize_t)len;
}

/* Whether the kernel says the same of some sockets, and can be asked for those that need it. */
static int check(struct bpf_source *s, struct err *e)
{
	_Alignas(struct nlmsghdr) char ours[BPF_MESSAGE_MAX];
	uint32_t n_asked = 0, every = s->n / SAMPLES + 1;
	struct bpf_walk *b = s->b;
	struct bpf_message_form kernels = b->form;

	if (b->form.info_len > sizeof(struct k_tcp_info))
		return err_say(e, -EOPNOTSUPP, "this kernel tells more about TCP than the BPF walk knows");
	if (s->o.is_dump_only)
		return 0;
	for (uint32_t i = 0; i < s->n && b->kind->is_exact; i++)
		n_asked += is_incomplete(b, record(s, i)) && can_ask(s, record(s, i));
	kernels.has_netns = false;
	if (!b->is_forced && n_asked > 16 && n_asked > s->n / 8)
		return err_say(e, -EOPNOTSUPP, "%u of %u sockets have something that only sock_diag tells",
			       n_asked, s->n);
	for (uint32_t i = 0; i < s->n; i += every) {
		const struct sock_record *r = record(s, i);
		const struct nlmsghdr *theirs;
		int k;

		if (is_incomplete(b, r) || !can_ask(s, r))
			continue;
		(void)bpf_message_put(r, &kernels, ours);
		k = bpf_exact_ask(b->nl, b->kind->protocol, &r->msg, b->form.ask, &theirs, e);
		if (k < 0)
			return k;
		if (k && !bpf_exact_agrees((const struct nlmsghdr *)(const void *)ours, theirs))
			return err_say(e, -EOPNOTSUPP, "the BPF walk does not say what sock_diag says");
	}
	return 0;
}

static struct proc_counters count_now(const struct bpf_walk *b)
{
	return b->counters ? b->counters(b->ctx) : proc_counters_none();
}

/* At the end of the walk: whether the kernel's counters say something else. */
static bool is_doubtful(struct bpf_source *s, struct err *ret)
{
	if (!s->o.is_counted)
		return false;
	s->passed.after = count_now(s->b);
	return bpf_doubt_is_due(&s->passed, ret);
}

static int source_fill(struct bpf_source *s, struct err *e)
{
	const char *p = s->buf;
	bool is_last = false;
	ssize_t n;

	if (s->ahead) {
		if (!ahead_next(s->ahead, &p, &n))
			n = 0;
	} else {
		n = fill(s, s->buf, BUF, &is_last);
	}
	s->source.ready = sv_n(p, n > 0 ? (size_t)n : 0);
	if (n)
		return 0;
	if (s->ahead)
		s->ahead = ahead_stop(s->ahead); /* from now on .status is ours */
	if (s->status < 0)
		return err_say(e, s->status, "%s", s->why.text);
	s->b->is_doubtful = is_doubtful(s, &s->b->doubt);
	return 0;
}

static int next(struct source *source, const struct nlmsghdr **ret, struct err *e)
{
	struct bpf_source *s = (struct bpf_source *)source;
	int r;

	if (!source->ready.len) {
		r = source_fill(s, e);
		if (r < 0 || !source->ready.len)
			return r;
	}
	*ret = (const struct nlmsghdr *)(const void *)source->ready.p;
	source->ready = sv_from(source->ready, NLMSG_ALIGN((*ret)->nlmsg_len));
	return 1;
}

static void close_source(struct source *source)
{
	struct bpf_source *s = (struct bpf_source *)source;

	(void)ahead_stop(s->ahead);
	/* Where the others are is known when all buckets were walked. */
	s->o.table->af = s->is_over && s->status >= 0 && !s->o.is_listed ? s->o.af : 0;
	free(s->buf);
	free(s);
}

static const struct source_ops ops = { .next = next, .close = close_source };

int bpf_walk_open(struct bpf_walk *b, const struct bpf_walk_order *o, struct source **ret, struct err *e)
{
	struct bpf_source *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		return err_sys(e, -ENOMEM, "BPF walk");
	*s = (struct bpf_source){ .source.ops = &ops, .b = b, .o = *o };
	if (!o->is_listed) {
		s->o.is_listed = o->table->af && o->table->af != o->af;
		if (!s->o.is_listed)
			bpf_buckets_clear(&o->table->others);
	}
	s->buf = malloc(BUF);
	if (!s->buf)
		r = err_sys(e, -ENOMEM, "BPF walk");
	/* It answers for the namespace that it was made in, and this may be another thread's or a later one.
	 */
	if (r >= 0 && b->is_everywhere) {
		b->nl = nl_close(b->nl);
		r = nl_open(NETLINK_SOCK_DIAG, &b->nl, e);
	}
	b->is_doubtful = false;
	s->passed.af = o->af;
	if (o->is_counted)
		s->passed.before = count_now(b);
	while (r >= 0 && !s->n && !s->is_over) {
		r = run(s);
		if (r < 0)
			(void)err_say(e, r, "%s", s->why.text);
	}
	/* No row was given yet. */
	if (r >= 0 && s->is_over && is_doubtful(s, e))
		r = -EBADMSG;
	if (r >= 0) {
		b->form.info_len = b->run->info_len;
		r = check(s, e);
		s->is_checked = true;
	}
	if (r < 0) {
		s->status = r;
		close_source(&s->source);
		return r;
	}
	/* One run is soon made messages. */
	if (!s->is_over)
		s->ahead = ahead_start(fill, s, BUF);
	*ret = &s->source;
	return 0;
}
