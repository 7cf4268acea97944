/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/trace.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "model/event.h"
#include "run/context.h"
#include "run/trace_list.h"
#include "source/announced.h"
#include "source/bpf_events.h"

enum {
	PAUSE_US = 50000,  /* how long an event waits at most, while there are few */
	LOOK_US = 1000000, /* between two lists, where they have to tell what happens */
	READ_MAX = 4096,   /* events between two looks at what else there is to do */
};

struct tracer {
	const struct trace_opts *o;
	struct sink *sink;
	struct notes *notes;
	struct context *context;
	struct events *events;
	struct trace_list *list;    /* what was there before */
	struct fieldset fields;     /* that the output and the filter read */
	struct fieldset keys, sums; /* of an output that only counts and adds */
	struct additions wanted;
	struct seg_sample sample;
	bool tells_time;
	bool is_listed;  /* what happens is seen by lists, but for ends */
	int64_t look_us; /* when the next one is due */
	struct seg_dump dump, dump_closed;
	struct text time;
	uint64_t epoch_us; /* of the monotonic clock, in microseconds since 1970 */
	uint64_t lost;     /* that were told */
	uint64_t last_us;  /* of the event before; 0: none */
	int64_t next_us;   /* when a run of the sink ends */
	uint64_t n_runs;
	struct row row;
};

static struct sv word(const char *s)
{
	return s ? sv(s) : (struct sv){};
}

static void put_time(struct tracer *t, uint64_t at_us)
{
	t->time.len = 0;
	if (t->tells_time)
		text_time(&t->time, t->epoch_us + at_us);
	t->sample.time = sv_n(t->time.p, t->time.len);
	t->sample.monotonic_us = at_us;
	row_put(&t->row, SEG_SAMPLE, &t->sample, sizeof(t->sample));
}

/* Hands the row to the output, if the filter takes it. */
static int show(struct tracer *t)
{
	const struct selection *s = &t->o->select;

	if (s->has_states && row_has(&t->row, SEG_INET_MSG) &&
	    !(s->states >> (field_u64(&t->row, F_STATE, 0) & 31) & 1))
		return 0;
	return filter_match(t->o->filter, &t->row) ? t->sink->ops->row(t->sink, &t->row) : 0;
}

/* That @n events are missing, up to @at_us. */
static int tell_lost(struct tracer *t, uint64_t n, uint64_t at_us)
{
	static const struct nlmsghdr none = { .nlmsg_len = NLMSG_HDRLEN };
	const struct seg_event event = { .kind = sv(event_names[EVENT_LOST]),
					 .duration_us = UINT64_MAX,
					 .span_us = at_us > t->last_us ? at_us - t->last_us : 0,
					 .lost = n };

	t->notes->is_partial = true;
	(void)row_open(&t->row, &family_inet, &t->dump, &none); /* it is of no socket */
	put_time(t, at_us);
	row_put(&t->row, SEG_EVENT, &event, sizeof(event));
	return t->time.failed ? -ENOMEM : t->sink->ops->row(t->sink, &t->row);
}

static void put_owner(struct tracer *t, const struct event *ev, struct owner *owner)
{
	*owner = (struct owner){ .pid = ev->pid, .fd = OWNER_NO_FD, .comm = sv(ev->comm) };
	if (ev->pid)
		context_own(t->context, (struct owners){ .v = owner, .n = 1 }, &t->row);
	else
		trace_list_own(t->list, t->context, owner, &t->row);
}

/* All that is known of @ev into .row, but for its owner, which is @owner. */
static int make_row(struct tracer *t, const struct event *ev, struct seg_event *event, struct owner *owner)
{
	bool is_closed = ev->to == K_TCP_CLOSE, has_ended = is_closed && ev->kind != EVENT_RESET;

	*event =
		(struct seg_event){ .kind = sv(event_names[ev->kind]),
				    .by = word(ev->by),
				    .how = word(ev->how),
				    .from = ev->from,
				    .handshake_us = ev->handshake_us,
				    .duration_us = has_ended && ev->open_ns ? (ev->at_ns - ev->open_ns) / 1000
									    : UINT64_MAX,
				    .span_us = UINT64_MAX };
	if (row_open(&t->row, &family_inet, is_closed ? &t->dump_closed : &t->dump, ev->nlh) < 0)
		return -EBADMSG;
	put_time(t, ev->at_ns / 1000);
	row_put(&t->row, SEG_EVENT, event, sizeof(*event));
	if (ev->is_in || ev->is_out)
		row_put(&t->row, SEG_DIRECTION, ev->is_in ? "in" : "out", ev->is_in ? 2 : 3);
	put_owner(t, ev, owner);
	context_add(t->context, &t->wanted, &t->row);
	return t->time.failed ? -ENOMEM : 0;
}

static int tell(struct tracer *t, const struct event *ev)
{
	struct seg_event event;
	struct owner owner;
	int r = make_row(t, ev, &event, &owner);

	return r < 0 ? r : show(t);
}

/* Hands on what the source has counted. */
static int tell_counted(struct tracer *t, struct err *e)
{
	struct seg_event event;
	struct owner owner;
	struct event ev;
	uint64_t n;
	int r;

	if (!t->events->is_counting)
		return 0;
	t->events->ops->turn(t->events);
	while ((r = t->events->ops->counted(t->events, &ev, &n, e)) > 0) {
		r = make_row(t, &ev, &event, &owner);
		if (r >= 0)
			r = t->sink->ops->count(t->sink, &t->row, n);
		if (r < 0)
			break;
	}
	return r;
}

/* What was lost before @ev, and it. */
static int one_event(struct tracer *t, const struct event *ev)
{
	uint64_t at_us = ev->at_ns / 1000;
	int r = 0;

	if (ev->lost > t->lost) {
		r = tell_lost(t, ev->lost - t->lost, at_us);
		t->lost = ev->lost;
	}
	if (r >= 0 && t->o->kinds >> ev->kind & 1 && !trace_list_has_told(t->list, ev))
		r = tell(t, ev);
	t->last_us = at_us;
	return r;
}

/* Events that are missing at the end of those that were read. */
static int settle_lost(struct tracer *t)
{
	uint64_t n = t->events->ops->lost(t->events);
	int r = n > t->lost ? tell_lost(t, n - t->lost, (uint64_t)clock_monotonic_us()) : 0;

	t->lost = n > t->lost ? n : t->lost;
	return r;
}

/* Events that there are. Returns 1 when there are more, 2 when those belong to the next run, 0, or a negative
 * errno. */
static int drain(struct tracer *t, struct err *e)
{
	struct event ev;
	size_t n = 0;
	int r;

	t->epoch_us = clock_realtime_us() - (uint64_t)clock_monotonic_us();
	while ((r = events_next(t->events, &ev, e)) > 0) {
		r = one_event(t, &ev);
		if (r < 0)
			return r;
		if (t->next_us && (int64_t)(ev.at_ns / 1000) >= t->next_us)
			return 2;
		if (++n == READ_MAX)
			return 1;
	}
	if (r < 0)
		return r;
	trace_list_is_over(t->list);
	return settle_lost(t);
}

/* Whether it is time to end a run; who is slow would rather have all that belongs to it. */
static bool is_due(const struct tracer *t, int64_t now, int more)
{
	int64_t slack = t->o->is_slow && more == 1 ? (int64_t)t->o->every_us : 0;

	return t->next_us && now >= t->next_us + slack;
}

/* Ends a run of the sink, and begins the next. */
static int next_run(struct tracer *t, struct err *e)
{
	int64_t now;
	int r = tell_counted(t, e);

	if (r >= 0)
		r = t->sink->ops->end(t->sink);
	if (r >= 0)
		r = t->sink->ops->flush(t->sink);
	t->n_runs++;
	if (r < 0 || (t->o->count && t->n_runs == t->o->count))
		return r < 0 ? r : -ECANCELED;
	t->next_us += (int64_t)t->o->every_us;
	now = clock_monotonic_us();
	if (t->o->is_slow && now > t->next_us)
		t->next_us += (now - t->next_us) / (int64_t)t->o->every_us * (int64_t)t->o->every_us;
	return sink_begin(t->sink, host_now_us(t->o->host));
}

static int follow(struct tracer *t, struct err *e)
{
	int r = 0;

	while (r >= 0) {
		int more = drain(t, e);
		int64_t now;

		if (more < 0)
			return more;
		now = clock_monotonic_us();
		if (is_due(t, now, more))
			r = next_run(t, e);
		else if (!t->next_us)
			r = t->sink->ops->flush(t->sink);
		if (r >= 0 && t->is_listed && now >= t->look_us && !more) {
			r = trace_list_again(t->list, e);
			t->look_us = now + LOOK_US;
		}
		if (t->o->idle)
			t->o->idle(t->o->ctx);
		if (r < 0 || *t->o->is_over)
			break;
		now += more ? 0 : PAUSE_US;
		r = events_wait(t->events, t->next_us && t->next_us < now ? t->next_us : now, t->o->fd,
				t->o->wait_mask);
		r = r == -EINTR ? 0 : r;
	}
	return r;
}

/* Until the end, and what had happened until then. */
static int follow_until_end(struct tracer *t, struct err *e)
{
	int r = follow(t, e), k;

	t->events->ops->stop(t->events);
	while (r >= 0 && (r = drain(t, e)) > 0)
		;
	if (r >= 0)
		r = tell_counted(t, e);
	if (r == -ECANCELED && t->o->count && t->n_runs == t->o->count)
		return 0;
	k = r == -EPIPE ? r : t->sink->ops->end(t->sink);
	return r < 0 && r != -ECANCELED ? r : k;
}

/* What shows in lists. */
enum { SEEN = 1 << EVENT_OPEN | 1 << EVENT_ACCEPT | 1 << EVENT_STATE };

/*
 * Where no program can tell, the kernel announces ends at least. They are told of this network namespace, and
 * what is missing then.
 */
static int open_announced(struct tracer *t, const struct event_opts *o, struct err *e)
{
	const char *why = t->o->has_no_bpf ? "--source=netlink" : e->text;
	struct err of_this = {};
	int r;

	if (!(o->kinds & (SEEN | 1u << EVENT_CLOSE)) || t->o->is_everywhere)
		return err_say(e, -EOPNOTSUPP,
			       "without a BPF program neither resets and retransmissions nor other network "
			       "namespaces can be told");
	t->is_listed = o->kinds & SEEN;
	notes_add(t->notes, NOTE_WARNING,
		  "no BPF program (%s): %sof a close it is not known who ended the connection, how, and when "
		  "it "
		  "began",
		  why,
		  t->is_listed
			  ? "connections are looked at once a second, what happens in between is missed; "
			  : "");
	t->notes->is_partial = o->kinds & ~(1u << EVENT_CLOSE);
	r = announced_open(o, &t->events, &of_this);
	return r < 0 ? err_say(e, r, "%s", of_this.text) : 0;
}

static int prepare(struct tracer *t, struct err *e)
{
	const struct trace_opts *o = t->o;
	const struct context_opts co = { .host = o->host,
					 .notes = t->notes,
					 .is_everywhere = o->is_everywhere };
	const struct facts facts = host_facts(o->host, NULL);
	struct event_opts bo = { .kinds = o->kinds & ~(1u << EVENT_EXISTING),
				 .netns = o->is_everywhere ? 0 : host_here(o->host),
				 .family = o->select.families >> AF_INET & 1 &&
							   o->select.families >> AF_INET6 & 1
						   ? 0
					   : o->select.families >> AF_INET & 1 ? AF_INET
									       : AF_INET6,
				 .ask = family_ask(&family_inet, &t->fields),
				 .fields = &t->fields,
				 .connections = facts.n_tcp > 0 ? (uint32_t)facts.n_tcp : 0,
				 .ring = o->ring };
	int r = context_new(&co, &t->context);

	if (r < 0)
		return err_sys(e, r, "events");
	if (!o->filter && !o->select.has_states && t->sink->ops->can_sum &&
	    t->sink->ops->can_sum(t->sink, &t->keys, &t->sums)) {
		bo.keys = &t->keys;
		bo.sums = &t->sums;
	}
	if (!filter_ports(o->filter, bo.ports, EVENT_PORTS, &bo.n_ports))
		bo.n_ports = 0;
	t->wanted = context_additions(t->context, &t->fields);
	t->tells_time = fieldset_has(&t->fields, F_TIME);
	t->wanted.sample = false; /* each event has its own */
	if (fieldset_has(&t->fields, F_HOST) || fieldset_has(&t->fields, F_BOOT)) {
		t->sample.host = host_about(o->host, HOST_NAME);
		t->sample.boot = host_about(o->host, HOST_BOOT);
	}
	t->dump = (struct seg_dump){ .table = TABLE_TCP, .protocol = IPPROTO_TCP, .kernel = o->host->kernel };
	t->dump_closed = t->dump;
	t->dump_closed.is_event = 1;
	r = o->has_no_bpf ? -EOPNOTSUPP : bpf_events_open(&bo, &t->events, e);
	return r < 0 && r != -ENOMEM && !o->needs_bpf ? open_announced(t, &bo, e) : r;
}

static int run(struct tracer *t, struct err *e)
{
	struct trace_list_opts lo = {
		.trace = t->o, .fields = &t->fields, .sink = t->sink, .notes = t->notes
	};
	int r = prepare(t, e);

	if (r < 0)
		return r;
	r = sink_begin(t->sink, t->o->every_us ? host_now_us(t->o->host) : 0);
	if (r < 0)
		return r;
	t->last_us = (uint64_t)clock_monotonic_us();
	t->next_us = t->o->every_us ? (int64_t)(t->last_us + t->o->every_us) : 0;
	lo.is_repeated = t->is_listed;
	t->look_us = (int64_t)t->last_us + LOOK_US;
	r = trace_list_new(&lo, &t->list, e);
	if (r == -ECANCELED)
		return 0;
	return r < 0 ? r : follow_until_end(t, e);
}

int trace(const struct trace_opts *o, struct sink *sink, struct notes *notes, struct err *e)
{
	struct tracer *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return err_sys(e, -ENOMEM, "events");
	*t = (struct tracer){ .o = o, .sink = sink, .notes = notes };
	host_begin(o->host, notes);
	sink->ops->fields(sink, &t->fields);
	filter_fields(o->filter, &t->fields);
	r = trace_check(&t->fields, e);
	if (r >= 0)
		r = run(t, e);
	(void)trace_list_free(t->list);
	(void)events_close(t->events);
	(void)context_free(t->context);
	text_done(&t->time);
	host_end(o->host);
	free(t);
	return r;
}
