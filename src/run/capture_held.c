/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/capture_held.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>

#include "base/clock.h"
#include "run/capture_facts.h"
#include "run/kept_event.h"

struct capture_held {
	struct capture_facts facts;
	struct text told; /* what those are */
	struct text messages;
	uint64_t epoch_us, begun_us;
	uint32_t kinds;
};

/* In front of each message. */
struct held_message {
	uint64_t key;
	uint32_t netns;
	uint32_t len; /* with what it is filled up by */
};

int capture_held_new(struct host *host, uint32_t kinds, struct capture_held **ret)
{
	struct capture_held *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->kinds = kinds;
	h->begun_us = (uint64_t)clock_monotonic_us();
	h->facts.host = host;
	h->facts.held = &h->told;
	*ret = h;
	return 0;
}

struct capture_held *capture_held_free(struct capture_held *h)
{
	if (!h)
		return NULL;
	capture_facts_done(&h->facts);
	text_done(&h->told);
	text_done(&h->messages);
	free(h);
	return NULL;
}

void capture_held_set_epoch(struct capture_held *h, uint64_t epoch_us)
{
	h->epoch_us = epoch_us;
}

int capture_held_add(struct capture_held *h, const struct row *row)
{
	struct held_message m = { .key = field_u64(row, F_COOKIE, 0),
				  .netns = (uint32_t)field_u64(row, F_NETNS_ID, 0) };
	struct text *t = &h->messages;
	size_t at = t->len;

	text_put(t, &m, sizeof(m));
	kept_event_put(t, row, h->epoch_us);
	if (t->failed)
		return -ENOMEM;
	m.len = (uint32_t)(t->len - at - sizeof(m));
	memcpy(t->p + at, &m, sizeof(m));
	if (row_has(row, SEG_INET_MSG))
		capture_event_row(&h->facts, row);
	return h->told.failed ? -ENOMEM : h->facts.error;
}

size_t capture_held_size(const struct capture_held *h)
{
	return h->messages.len + h->told.len;
}

static int put_messages(const struct capture_held *h, struct store_writer *w)
{
	struct sv rest = sv_n(h->messages.p ? h->messages.p : "", h->messages.len);
	struct held_message head;
	int r = 0;

	while (!r && rest.len) {
		struct store_message m = { .table = FACT_TABLE_EVENT };

		memcpy(&head, rest.p, sizeof(head));
		rest = sv_from(rest, sizeof(head));
		m.key = head.key;
		m.netns = head.netns;
		m.msg = (const struct nlmsghdr *)(const void *)rest.p;
		r = store_put(w, &m);
		rest = sv_from(rest, head.len);
	}
	return r;
}

static int put_told(const struct capture_held *h, struct store_writer *w)
{
	struct sv rest = sv_n(h->told.p ? h->told.p : "", h->told.len), key, value;
	uint8_t kind, unused;
	int r = 0;

	while (!r && fact_take(&rest, &kind, &key) && fact_take(&rest, &unused, &value))
		r = store_put_fact(w, kind, key, value);
	return r;
}

static int put_word(struct store_writer *w, const char *word, const struct text *t)
{
	return t->failed ? -ENOMEM : store_put_fact(w, FACT_MAKING, sv(word), sv_n(t->p ? t->p : "", t->len));
}

/* Which events there are, since when they were followed without a break, and what is missing. */
static int put_making(const struct capture_held *h, struct store_writer *w, const struct notes *notes)
{
	struct text kinds = {}, begun = {}, why = {};
	const char *note = NULL;
	enum note kind;
	int r;

	for (uint32_t k = 0; k < EVENT_MAX; k++) {
		if (!(h->kinds >> k & 1))
			continue;
		text_str(&kinds, kinds.len ? "," : "");
		text_str(&kinds, event_names[k]);
	}
	text_u64(&begun, h->begun_us);
	while (!notes->text.failed && (note = notes_next(notes, note, &kind))) {
		if (kind == NOTE_HINT)
			continue;
		text_str(&why, why.len ? "; " : "");
		text_str(&why, note);
	}
	r = put_word(w, "events", &kinds);
	if (!r)
		r = put_word(w, "events.begun", &begun);
	if (!r && why.len)
		r = put_word(w, "events.why", &why);
	text_done(&kinds);
	text_done(&begun);
	text_done(&why);
	return r;
}

int capture_held_put(const struct capture_held *h, struct store_writer *w, const struct notes *notes)
{
	int r = put_making(h, w, notes);

	if (!r)
		r = put_messages(h, w);
	return r ? r : put_told(h, w);
}

void capture_held_clear(struct capture_held *h)
{
	capture_facts_begin(&h->facts);
	h->told.len = h->messages.len = 0;
}
