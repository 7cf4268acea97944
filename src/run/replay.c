/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/replay.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "host/recorded.h"
#include "run/context.h"
#include "run/kept_event.h"
#include "run/trace_list.h"

struct player {
	const struct replay_opts *o;
	struct sink *sink;
	struct notes *notes;
	struct context *context; /* of the sample at hand */
	struct fieldset fields;
	struct additions wanted;
	struct seg_dump dump;
	struct seg_sample sample;
	struct text time, message; /* room for one */
	uint64_t run_end_us;       /* 0: the run lasts until the end */
	uint64_t n_runs;
	uint64_t before_us,
		begun; /* of the sample before: when it was, since when events were followed then */
	uint64_t gap_us, gap_end_us; /* what is not told yet of time without events; 0: nothing */
	bool has_before, has_any, is_over;
	struct row row;
};

static void put_time(struct player *p, const struct event_told *told)
{
	p->time.len = 0;
	if (fieldset_has(&p->fields, F_TIME))
		text_time(&p->time, told->epoch_us + told->at_us);
	p->sample.time = sv_n(p->time.p, p->time.len);
	p->sample.monotonic_us = told->at_us;
	row_put(&p->row, SEG_SAMPLE, &p->sample, sizeof(p->sample));
}

/* The message as it was, which is not followed by what we know besides. */
static const struct nlmsghdr *take_message(struct player *p, const struct store_message *m, size_t len)
{
	struct nlmsghdr head = *m->msg;

	p->message.len = 0;
	text_put(&p->message, m->msg, len);
	if (p->message.failed)
		return NULL;
	head.nlmsg_len = (uint32_t)len;
	memcpy(p->message.p, &head, sizeof(head));
	return (const struct nlmsghdr *)(const void *)p->message.p;
}

static void put_owner(struct player *p, const struct event_told *told)
{
	struct sv comm = sv_fixed(told->comm, sizeof(told->comm));

	/* Without an owner of its own the context would look for that of the inode. */
	if (!(told->flags & EVENT_OF_INODE))
		context_own(p->context, recorded_process(p->o->host, told->pid, comm), &p->row);
}

static int make_row(struct player *p, const struct store_message *m, const struct kept_event *ev)
{
	const struct nlmsghdr *msg = take_message(p, m, ev->msg_len);

	p->dump = (struct seg_dump){ .table = TABLE_TCP,
				     .protocol = IPPROTO_TCP,
				     .is_event = ev->told.flags & EVENT_LAST ? 1 : 0,
				     .kernel = p->o->host->kernel };

	if (!msg)
		return -ENOMEM;
	if (row_open(&p->row, &family_inet, &p->dump, msg) < 0 && ev->kind != EVENT_LOST)
		return -EBADMSG;
	put_time(p, &ev->told);
	row_put(&p->row, SEG_EVENT, &ev->seg, sizeof(ev->seg));
	if (ev->kind == EVENT_LOST)
		return 0;
	if (ev->told.flags & (EVENT_IN | EVENT_OUT))
		row_put(&p->row, SEG_DIRECTION, ev->told.flags & EVENT_IN ? "in" : "out",
			ev->told.flags & EVENT_IN ? 2 : 3);
	if (m->netns && !row_has(&p->row, SEG_NETNS_ID))
		row_put(&p->row, SEG_NETNS_ID, &m->netns, sizeof(m->netns));
	put_owner(p, &ev->told);
	context_add(p->context, &p->wanted, &p->row);
	return 0;
}

/* A beginning, or an end, is a change of state for who did not ask for those. */
static void name_kind(const struct player *p, struct kept_event *ev)
{
	const uint32_t changes = 1u << EVENT_OPEN | 1u << EVENT_ACCEPT | 1u << EVENT_CLOSE;

	if (!((changes & ~p->o->kinds) >> ev->kind & 1) || !(p->o->kinds >> EVENT_STATE & 1))
		return;
	ev->kind = EVENT_STATE;
	ev->seg.kind = sv(event_names[EVENT_STATE]);
}

/* Whether it is one of those that are asked for, and of the time. */
static bool is_wanted(const struct player *p, const struct kept_event *ev)
{
	uint64_t at = ev->told.epoch_us + ev->told.at_us;

	return at >= p->o->since_us && at <= p->o->until_us &&
	       (ev->kind == EVENT_LOST || p->o->kinds >> ev->kind & 1);
}

static bool is_taken(const struct player *p, const struct kept_event *ev)
{
	const struct selection *s = &p->o->select;

	if (ev->kind == EVENT_LOST)
		return true;
	if (!(s->families >> field_u64(&p->row, F_FAMILY, 0) & 1) ||
	    (s->has_states && !(s->states >> (field_u64(&p->row, F_STATE, 0) & 31) & 1)))
		return false;
	return filter_match(p->o->filter, &p->row);
}

/* Ends the runs of the sink that are over at @at_us, and begins the next. */
static int turn_runs(struct player *p, uint64_t at_us)
{
	int r = 0;

	while (r >= 0 && p->run_end_us && at_us >= p->run_end_us) {
		r = p->sink->ops->end(p->sink);
		if (r >= 0)
			r = p->sink->ops->flush(p->sink);
		if (r >= 0 && ++p->n_runs == p->o->count) {
			p->is_over = true;
			return 0;
		}
		if (r >= 0)
			r = sink_begin(p->sink, p->run_end_us);
		p->run_end_us += p->o->every_us;
	}
	return r;
}

static int tell(struct player *p, const struct store_message *m)
{
	struct kept_event ev;
	int r;

	if (!kept_event_read(m, &ev))
		return 0;
	name_kind(p, &ev);
	if (!is_wanted(p, &ev))
		return 0;
	r = turn_runs(p, ev.told.epoch_us + ev.told.at_us);
	if (r < 0 || p->is_over)
		return r;
	r = make_row(p, m, &ev);
	if (r == -EBADMSG)
		return 0; /* it makes no sense */
	if (r < 0 || p->time.failed)
		return -ENOMEM;
	if (ev.kind == EVENT_LOST)
		p->notes->is_partial = true;
	return is_taken(p, &ev) ? p->sink->ops->row(p->sink, &p->row) : 0;
}

/* Tells the time without events that is behind us. */
static void tell_gap(struct player *p)
{
	struct text t = {};

	if (!p->gap_end_us)
		return;
	text_time(&t, p->gap_us);
	text_str(&t, " to ");
	text_time(&t, p->gap_end_us);
	text_char(&t, '\0');
	p->gap_end_us = 0;
	notes_add(p->notes, NOTE_WARNING, "the recording %s has no events from %s", p->o->file,
		  t.failed ? "then to then" : t.p);
	text_done(&t);
}

/* That events from @from_us on, until @until_us, were not recorded. What goes on from sample to sample is one
 * gap. */
static void note_gap(struct player *p, uint64_t from_us, uint64_t until_us)
{
	p->notes->is_partial = true;
	if (p->gap_end_us != from_us) {
		tell_gap(p);
		p->gap_us = from_us > p->o->since_us ? from_us : p->o->since_us;
	}
	p->gap_end_us = until_us;
}

/* Which of the kinds asked for were not recorded. */
static void note_kinds(struct player *p, struct sv kinds)
{
	uint32_t lacks = p->o->kinds & ~(1u << EVENT_EXISTING);
	struct text t = {};

	while (kinds.p) {
		struct sv word = sv_take(&kinds, ',');

		for (uint32_t k = 0; k < EVENT_MAX; k++)
			if (sv_is(word, event_names[k]))
				lacks &= ~(1u << k);
	}
	for (uint32_t k = 0; k < EVENT_LOST; k++) {
		if (!(lacks >> k & 1))
			continue;
		text_str(&t, t.len ? ", " : "");
		text_str(&t, event_names[k]);
	}
	text_char(&t, '\0');
	if (lacks && !t.failed) {
		p->notes->is_partial = true;
		notes_add(p->notes, NOTE_WARNING, "the recording %s was made without these events: %s",
			  p->o->file, t.p);
	}
	text_done(&t);
}

/* What of the time between the sample before and this one was not followed. */
static void check_sample(struct player *p)
{
	struct host *h = p->o->host;
	struct sv kinds = recorded_making(h, "events"), why = recorded_making(h, "events.why");
	uint64_t now = host_now_us(h), begun = 0, began_us;

	if (num_read(recorded_making(h, "events.begun"), 10, UINT64_MAX, &begun) && kinds.p) {
		began_us = now - host_monotonic_us(h) + begun;
		if (p->has_before && p->begun != begun && began_us > p->before_us &&
		    began_us > p->o->since_us && p->before_us < p->o->until_us)
			note_gap(p, p->before_us, began_us);
		p->has_any = true;
		note_kinds(p, kinds);
		if (why.len) {
			p->notes->is_partial = true;
			notes_add(p->notes, NOTE_WARNING, "when it was recorded: %.*s", SV_ARG(why));
		}
	} else if (p->has_before && now > p->o->since_us && p->before_us < p->o->until_us) {
		note_gap(p, p->before_us, now);
	}
	p->begun = begun;
	p->before_us = now;
	p->has_before = true;
}

static int play_sample(struct player *p, struct err *e)
{
	const struct context_opts co = { .host = p->o->host,
					 .notes = p->notes,
					 .is_everywhere = p->o->is_everywhere };
	struct store_message m;
	size_t at = 0;
	int r;

	host_begin(p->o->host, p->notes);
	p->sample.host = host_about(p->o->host, HOST_NAME);
	p->sample.boot = host_about(p->o->host, HOST_BOOT);
	r = context_new(&co, &p->context);
	if (r < 0)
		return err_sys(e, r, "events");
	p->wanted = context_additions(p->context, &p->fields);
	p->wanted.sample = false; /* each event has its own */
	check_sample(p);
	while (r >= 0 && !p->is_over && recorded_next_event(p->o->host, p->o->is_everywhere, &at, &m) > 0)
		r = tell(p, &m);
	p->context = context_free(p->context);
	host_end(p->o->host);
	return r;
}

static int play(struct player *p, struct err *e)
{
	uint64_t begin_us = p->o->since_us ? p->o->since_us : host_now_us(p->o->host);
	int r = sink_begin(p->sink, p->o->every_us ? begin_us : 0), end;

	if (r < 0)
		return r;
	p->run_end_us = p->o->every_us ? begin_us + p->o->every_us : 0;
	do {
		r = play_sample(p, e);
		if (r < 0 || p->is_over || *p->o->is_over)
			break;
		r = p->o->next(p->o->ctx, e);
	} while (r > 0);
	tell_gap(p);
	if (p->is_over)
		return r;
	if (!p->has_any) {
		p->notes->is_partial = true;
		notes_add(p->notes, NOTE_WARNING,
			  "the recording %s has no events of that time: it was made without --events",
			  p->o->file);
	}
	end = p->sink->ops->end(p->sink);
	return r < 0 && r != -ECANCELED ? r : end;
}

int replay(const struct replay_opts *o, struct sink *sink, struct notes *notes, struct err *e)
{
	struct player *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return err_sys(e, -ENOMEM, "events");
	*p = (struct player){ .o = o, .sink = sink, .notes = notes };
	sink->ops->fields(sink, &p->fields);
	filter_fields(o->filter, &p->fields);
	r = trace_check(&p->fields, e);
	if (r >= 0)
		r = play(p, e);
	text_done(&p->time);
	text_done(&p->message);
	free(p);
	return r;
}
