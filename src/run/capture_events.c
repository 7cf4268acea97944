/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/capture_events.h"

#include <errno.h>

#include "base/clock.h"
#include "run/capture_held.h"

enum { HELD_MAX = 16 << 20 /* bytes that wait for a sample */ };

struct follower {
	struct sink sink; /* first: events come here */
	const struct capture_events_opts *o;
	struct capture_held *held;
	struct notes notes; /* of the events */
	uint64_t n_taken;
	struct err why; /* of the last sample, where it failed */
	bool has_failed;
};

static struct follower *of_sink(struct sink *s)
{
	return (struct follower *)s;
}

/* What came of the kernel's messages, and what the events themselves have. */
static void add_fields(const struct sink *s, struct fieldset *set)
{
	const uint64_t others = ASK_OWNERS | ASK_CONTEXT | ASK_PEERS | ASK_STORAGE;
	static const enum field_id own[] = { F_EVENT, F_TIME, F_MONOTONIC, F_DIRECTION };

	for (enum field_id f = 0; f < F_MAX; f++)
		for (const struct loc *at = fields[f].at; at->size; at++)
			if (!(seg_ask[at->seg] & others))
				fieldset_add(set, f);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		fieldset_add(set, own[i]);
	capture_fields(((const struct follower *)s)->o->wants_cmdline, set);
}

static int take(struct follower *f)
{
	const struct capture_events_opts *o = f->o;
	int64_t began = clock_monotonic_us();
	int r;

	capture_hold(o->capture, f->held, &f->notes);
	r = capture_take(o->capture, o->notes, &f->why);
	f->has_failed = r < 0;
	if (r < 0)
		return r;
	capture_held_clear(f->held);
	notes_join(&f->notes, o->notes);
	if (o->trace->every_us && clock_monotonic_us() - began > (int64_t)o->trace->every_us)
		notes_add(o->notes, NOTE_WARNING,
			  "a sample takes longer than --every says: samples are left out");
	o->taken(o->ctx);
	return 0;
}

/* The first sample is taken when events are followed already. */
static int begin(struct sink *s, uint64_t)
{
	struct follower *f = of_sink(s);

	capture_held_set_epoch(f->held, clock_realtime_us() - (uint64_t)clock_monotonic_us());
	return f->n_taken++ ? 0 : take(f);
}

static int row(struct sink *s, const struct row *row)
{
	struct follower *f = of_sink(s);
	int r = capture_held_add(f->held, row);

	return r < 0 || capture_held_size(f->held) < HELD_MAX ? r : take(f);
}

static int end(struct sink *s)
{
	struct follower *f = of_sink(s);

	return f->has_failed ? 0 : take(f);
}

static int nothing(struct sink *)
{
	return 0;
}

static const struct sink_ops ops = {
	.fields = add_fields, .begin = begin, .row = row, .end = end, .flush = nothing
};

int capture_events(const struct capture_events_opts *o, struct err *e)
{
	struct trace_opts to = *o->trace;
	struct follower f = { .sink.ops = &ops, .o = o };
	int r;

	if (to.count == 1)
		return capture_take(o->capture, o->notes, e);
	to.count -= to.count > 0; /* the first one comes before all */
	to.is_slow = true;
	r = capture_held_new(to.host, to.kinds, &f.held);
	r = r < 0 ? err_sys(e, r, "events") : trace(&to, &f.sink, &f.notes, e);
	if (f.has_failed)
		*e = f.why;
	notes_join(&f.notes, o->notes);
	notes_done(&f.notes);
	(void)capture_held_free(f.held);
	return r;
}
