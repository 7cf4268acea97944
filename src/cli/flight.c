/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/flight.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/interrupt.h"
#include "cli/tell.h"

enum { MEMORY_MAX = 64 << 20, SECOND_US = 1000000, SLACK = 16 };

struct flight {
	struct cli *cli;
	struct store_writer *writer;
	struct store_copy *copy;
	uint64_t first_us; /* when the first sample was begun; 0: there was none */
	bool is_owed;      /* it could not be written for a finding */
	bool is_short;     /* less is held than was asked for, and that was told */
};

struct flight *flight_free(struct flight *f)
{
	struct err e;

	if (!f)
		return NULL;
	if (f->writer)
		(void)store_close(f->writer, &e);
	(void)store_copy_free(f->copy);
	free(f);
	return NULL;
}

int flight_new(struct cli *c, struct flight **ret, struct store_writer **ret_writer, struct err *e)
{
	const struct request *q = &c->q;
	const struct store_opts in_memory = { .keep_us = q->flight_us, .keep_bytes = MEMORY_MAX };
	const struct store_opts in_file = { .keep_us = q->keep_us,
					    .keep_bytes = q->keep_bytes,
					    .notes = &c->notes };
	_cleanup_(flight_freep) struct flight *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return err_sys(e, -ENOMEM, "%s", q->capture_file);
	f->cli = c;
	r = store_copy_new(q->capture_file, &in_file, &f->copy, e);
	if (r >= 0)
		r = store_write_memory(&in_memory, &f->writer, e);
	if (r < 0)
		return r;
	interrupt_catch_asking();
	*ret_writer = f->writer;
	*ret = take_ptr(f);
	return 0;
}

/* Tells how often it failed only when it was first tried. */
static void write_owed(struct flight *f)
{
	struct err e = {};
	size_t n;

	if (!f->is_owed || store_copy(f->copy, f->writer, &n, &e) < 0)
		return;
	f->is_owed = false;
	notes_add(&f->cli->notes, NOTE_WARNING, "%s has the samples for these findings now",
		  f->cli->q.capture_file);
}

void flight_check(struct flight *f)
{
	uint64_t since = store_held_since(f->writer), now = host_now_us(f->cli->host);
	uint64_t asked = f->cli->q.flight_us, steps = 2 * f->cli->q.every_us;

	if (!f->first_us)
		f->first_us = since;
	write_owed(f);
	if (f->is_short || since <= f->first_us || now - since + steps + asked / SLACK >= asked)
		return;
	f->is_short = true;
	notes_add(&f->cli->notes, NOTE_WARNING,
		  "--flight: 64 MiB of memory hold the last %llu s, not the %llu s asked for; a longer "
		  "--every, or a filter, makes that more",
		  (unsigned long long)((now - since) / SECOND_US), (unsigned long long)(asked / SECOND_US));
}

void flight_write(struct flight *f)
{
	struct notes *notes = &f->cli->notes;
	uint64_t since = store_held_since(f->writer);
	struct text t = {};
	struct err e = {};
	size_t n;
	int r;

	if (!interrupt_asked)
		return;
	interrupt_asked = 0;
	r = store_copy(f->copy, f->writer, &n, &e);
	text_time(&t, r < 0 ? host_now_us(f->cli->host) : since);
	if (r < 0)
		notes_add(notes, NOTE_ERROR, "%.*s: the samples in memory are not written: %s", (int)t.len,
			  t.p, e.text);
	else
		notes_add(notes, NOTE_HINT, "%s has all samples since %.*s, %zu of them new",
			  f->cli->q.capture_file, (int)t.len, t.p, n);
	text_done(&t);
	(void)tell_notes(notes, f->cli->prog);
}

void flight_write_for(struct flight *f, struct sv lines)
{
	struct notes *notes = &f->cli->notes;
	struct text now = {}, since = {};
	struct err e = {};
	size_t n;
	int r = store_copy(f->copy, f->writer, &n, &e);

	f->is_owed = r < 0;
	text_time(&now, host_now_us(f->cli->host));
	text_time(&since, store_held_since(f->writer));
	while (lines.len) {
		struct sv line = sv_take(&lines, '\n');

		if (r < 0)
			notes_add(notes, NOTE_WARNING, "%.*s: %.*s", (int)now.len, now.p, SV_ARG(line));
		else
			notes_add(notes, NOTE_WARNING, "%.*s: %.*s; %s has all samples since %.*s",
				  (int)now.len, now.p, SV_ARG(line), f->cli->q.capture_file, (int)since.len,
				  since.p);
	}
	if (r < 0)
		notes_add(notes, NOTE_ERROR, "%.*s: the samples in memory are not written: %s", (int)now.len,
			  now.p, e.text);
	text_done(&now);
	text_done(&since);
	(void)tell_notes(notes, f->cli->prog);
}
