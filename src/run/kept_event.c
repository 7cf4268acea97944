/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "run/kept_event.h"

#include <linux/netlink.h>

#include "base/cleanup.h"
#include "base/text.h"

#define SAME(id) \
	_Static_assert((int)EVENT_IS_##id == (int)EVENT_##id + 1, "what was recorded keeps its number")
SAME(OPEN);
SAME(ACCEPT);
SAME(STATE);
SAME(RETRANSMIT);
SAME(RESET);
SAME(CLOSE);
SAME(EXISTING);
SAME(LOST);

static const char *const by_words[] = { [EVENT_BY_LOCAL] = "local", [EVENT_BY_REMOTE] = "remote" };
static const char *const how_words[] = { [EVENT_HOW_FIN] = "fin",
					 [EVENT_HOW_RST] = "rst",
					 [EVENT_HOW_TIMEOUT] = "timeout",
					 [EVENT_HOW_ABORT] = "abort",
					 [EVENT_HOW_UNREACHABLE] = "unreachable" };

static uint8_t number_of(const char *const *words, size_t n, struct sv word)
{
	for (size_t i = 1; i < n; i++)
		if (sv_is(word, words[i]))
			return (uint8_t)i;
	return 0;
}

static struct sv word_of(const char *const *words, size_t n, uint8_t i)
{
	return i && i < n ? sv(words[i]) : (struct sv){};
}

static uint8_t kind_of(struct sv word)
{
	for (size_t k = 0; k < EVENT_MAX; k++)
		if (sv_is(word, event_names[k]))
			return (uint8_t)(k + 1);
	return 0;
}

/* Of an event it is known who did it, but not by which descriptor; of what a list shows who holds it. */
static void put_owner(struct event_told *told, const struct row *row)
{
	const struct owner *o;
	struct val v;

	if (!field_get(row, F_OWNERS, &v) || !v.owners.n)
		return;
	o = v.owners.v;
	if (v.owners.n > 1 || o->fd != OWNER_NO_FD) {
		told->flags |= EVENT_OF_INODE;
		return;
	}
	told->pid = o->pid;
	memcpy(told->comm, o->comm.p, o->comm.len < sizeof(told->comm) ? o->comm.len : sizeof(told->comm));
}

void kept_event_put(struct text *t, const struct row *row, uint64_t epoch_us)
{
	const struct nlattr attr = { .nla_len = NLA_HDRLEN + sizeof(struct event_told),
				     .nla_type = EVENT_ATTR };
	struct event_told told = { .epoch_us = epoch_us };
	struct sv direction = row_bytes(row, SEG_DIRECTION);
	struct nlmsghdr head;
	struct seg_event ev;
	size_t at = t->len;

	memcpy(&ev, row->seg[SEG_EVENT], sizeof(ev));
	told.kind = kind_of(ev.kind);
	told.by = number_of(by_words, ARRAY_SIZE(by_words), ev.by);
	told.how = number_of(how_words, ARRAY_SIZE(how_words), ev.how);
	told.from = ev.from;
	told.handshake_us = ev.handshake_us;
	told.duration_us = ev.duration_us;
	told.span_us = ev.span_us;
	told.lost = ev.lost;
	told.at_us = ((const struct seg_sample *)(const void *)row->seg[SEG_SAMPLE])->monotonic_us;
	told.flags = (direction.len == 2   ? EVENT_IN
		      : direction.len == 3 ? EVENT_OUT
					   : 0) |
		     (row_dump(row)->is_event ? EVENT_LAST : 0);
	put_owner(&told, row);
	text_put(t, row->msg, row->msg->nlmsg_len);
	while (t->len % NLA_ALIGNTO && !t->failed)
		text_char(t, 0);
	text_put(t, &attr, sizeof(attr));
	text_put(t, &told, sizeof(told));
	if (t->failed)
		return;
	memcpy(&head, t->p + at, sizeof(head));
	head.nlmsg_len = (uint32_t)(t->len - at);
	memcpy(t->p + at, &head, sizeof(head));
}

/* The last attribute, which nothing may be behind. */
static bool find_told(const struct store_message *m, struct event_told *ret, size_t *ret_len)
{
	const char *p = (const char *)m->msg;
	size_t len = m->msg->nlmsg_len, n = NLA_HDRLEN + sizeof(*ret);
	struct nlattr a;

	*ret = (struct event_told){};
	if (len < NLMSG_HDRLEN + n)
		return false;
	memcpy(&a, p + len - n, sizeof(a));
	if (a.nla_type != EVENT_ATTR || a.nla_len != n)
		return false;
	memcpy(ret, p + len - n + NLA_HDRLEN, sizeof(*ret));
	*ret_len = len - n;
	return true;
}

bool kept_event_read(const struct store_message *m, struct kept_event *ret)
{
	const struct event_told *t = &ret->told;

	if (!find_told(m, &ret->told, &ret->msg_len) || !t->kind || t->kind > EVENT_MAX)
		return false;
	ret->kind = (enum event_kind)(t->kind - 1);
	ret->seg = (struct seg_event){ .kind = sv(event_names[ret->kind]),
				       .by = word_of(by_words, ARRAY_SIZE(by_words), t->by),
				       .how = word_of(how_words, ARRAY_SIZE(how_words), t->how),
				       .duration_us = t->duration_us,
				       .span_us = t->span_us,
				       .lost = t->lost,
				       .handshake_us = t->handshake_us,
				       .from = t->from };
	return true;
}
