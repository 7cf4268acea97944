/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/classic/classic.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "sink/classic/marked.h"
#include "sink/classic/tok.h"

/* clang-format off */
static const struct {
	struct tok tok;
	enum section section;
} registry[] = {
#define TOK(in, with, text, fn, what, when, than)                                               \
	{ { .prefix = (text), .prefix_len = sizeof(text) - 1, .put = put_##fn, .need = (with),  \
	    .field = F_##what, .cond = COND_##when(than) }, SECTION_##in },
#define WORDS(in, with, fn, what) TOK(in, with, "", fn, what, ANY, 0)
#define ASKS(in, with, what) TOK(in, with, "", word, what, BITS, 0)
#define LINE(in, what) TOK(in, SHOW_LINES, "", line, what, ANY, 0)
#include "sink/classic/classic.def"
};
/* clang-format on */

static const uint32_t section_show[SECTION_MAX] = {
#define SECTION(id, show) [SECTION_##id] = (show),
#include "sink/classic/classic.def"
};

/* What every row shows, whatever the options. */
static const uint16_t base_fields[] = {
	F_FAMILY,
	F_TYPE,
	F_STATE,
	F_RECVQ,
	F_SENDQ,
	F_TIPC_RECVQ,
	F_TIPC_SENDQ,
	F_SRC,
	F_DST,
	F_SPORT,
	F_DPORT,
	F_IFINDEX,
	F_V6ONLY,
	F_PROTOCOL,
	F_INODE,
	F_UNIX_NAME_RAW,
	F_UNIX_PEER,
	F_PACKET_PROTO,
	F_NETLINK_PROTO,
	F_NETLINK_PORTID,
	F_NETLINK_STATE,
	F_NETLINK_DST_GROUP,
	F_NETLINK_DST_PORTID,
	F_XDP_QUEUE,
};

static void fields_used(const struct sink *s, struct fieldset *set)
{
	classic_fields(((const struct classic *)s)->o.show, set);
}

static void netns(struct classic *c, const struct row *row)
{
	struct text *t = grid_cell(&c->grid, COL_NETNS);
	struct val v;

	if (field_get_sent(row, F_NETNS, &v))
		utf8_put_safe(t, v.s, "");
}

/* Each run is a listing of its own: what it looks like does not depend on the last. */
static int begin(struct sink *s, uint64_t at_us)
{
	struct classic *c = (struct classic *)s;
	struct text when = {};

	grid_begin(&c->grid);
	c->last_inode = 0;
	if (at_us) {
		text_str(&when, "# ");
		text_time(&when, at_us);
		text_char(&when, '\n');
		if (when.failed)
			text_fail(&c->grid.store);
		else
			out_write(c->grid.out, when.p, when.len);
		text_done(&when);
	}
	if (!shows(c, SHOW_NO_HEADER))
		grid_header(&c->grid, c->o.has_marks ? marked_sign(MARK_NONE) : "");
	return c->grid.store.failed ? -ENOMEM : 0;
}

static void make_row(struct classic *c, const struct row *row)
{
	grid_row(&c->grid);
	if (shows(c, SHOW_NETNS))
		netns(c, row);
	switch (field_u64(row, F_FAMILY, AF_UNSPEC)) {
	case AF_INET:
	case AF_INET6: classic_inet_row(c, row); break;
	case AF_UNIX: classic_unix_row(c, row); break;
	case AF_PACKET: classic_packet_row(c, row); break;
	case AF_NETLINK: classic_netlink_row(c, row); break;
	case K_AF_VSOCK: classic_vsock_row(c, row); break;
	case K_AF_TIPC: classic_tipc_row(c, row); break;
	case K_AF_XDP: classic_xdp_row(c, row); break;
	default: break;
	}
}

static int row_in(struct sink *s, const struct row *row)
{
	struct classic *c = (struct classic *)s;

	make_row(c, row);
	grid_row_end(&c->grid);
	return c->grid.store.failed ? -ENOMEM : c->grid.out->error;
}

static int flush(struct sink *s)
{
	struct classic *c = (struct classic *)s;
	int r = grid_flush(&c->grid);

	return r ? r : out_flush(c->grid.out);
}

static const struct sink_ops classic_ops = {
	.fields = fields_used, .begin = begin, .row = row_in, .end = flush, .flush = flush
};

void classic_fields(uint32_t show, struct fieldset *set)
{
	for (size_t i = 0; i < ARRAY_SIZE(base_fields); i++)
		fieldset_add(set, (enum field_id)base_fields[i]);
	if (show & SHOW_PROCESS)
		fieldset_add(set, F_OWNERS);
	if (show & SHOW_NETNS)
		fieldset_add(set, F_NETNS);
	if (show & SHOW_PEER) {
		fieldset_add(set, F_PEER_OWNERS);
		fieldset_add(set, F_PEER_NETNS);
	}
	for (size_t i = 0; i < ARRAY_SIZE(registry); i++) {
		uint32_t section = section_show[registry[i].section], need = registry[i].tok.need;

		if ((!section || show & section) && (!need || show & need))
			fieldset_add(set, (enum field_id)registry[i].tok.field);
	}
}

int classic_make(struct sink *s, const struct row *row, struct text *ret)
{
	struct classic *c = (struct classic *)s;

	make_row(c, row);
	grid_pack(&c->grid, ret);
	return ret->failed ? -ENOMEM : 0;
}

int classic_take(struct sink *s, struct sv cells)
{
	struct classic *c = (struct classic *)s;

	grid_unpack(&c->grid, cells);
	return c->grid.store.failed ? -ENOMEM : c->grid.out->error;
}

void classic_forget(struct sink *s)
{
	((struct classic *)s)->last_inode = 0;
}

uint32_t classic_enabled(const struct sink *s)
{
	return ((const struct classic *)s)->grid.enabled;
}

bool classic_has_rows(const struct sink *s)
{
	return ((const struct classic *)s)->grid.has_rows;
}

static int pick_tokens(struct classic *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(registry); i++)
		c->n_tok[registry[i].section]++;
	for (enum section sec = 0; sec < SECTION_MAX; sec++) {
		c->tok[sec] = calloc(c->n_tok[sec], sizeof(struct tok));
		if (!c->tok[sec])
			return -ENOMEM;
		c->n_tok[sec] = 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(registry); i++) {
		enum section sec = registry[i].section;
		struct tok tok = registry[i].tok;

		if (tok.need && !shows(c, tok.need))
			continue;
		if (!fields[tok.field].at[1].size)
			tok.at = fields[tok.field].at[0];
		c->tok[sec][c->n_tok[sec]++] = tok;
	}
	return 0;
}

struct sink *classic_free(struct sink *s)
{
	struct classic *c = (struct classic *)s;

	if (!c)
		return NULL;
	for (enum section sec = 0; sec < SECTION_MAX; sec++)
		free(c->tok[sec]);
	grid_done(&c->grid);
	free(c);
	return NULL;
}

DEFINE_CLEANUP(struct sink, classic_free)

int classic_new(const struct classic_opts *o, struct out *out, struct sink **ret)
{
	_cleanup_(classic_freep) struct sink *s = NULL;
	uint32_t enabled = (1u << COL_MAX) - 1;
	struct classic *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	s = &c->sink;
	s->ops = &classic_ops;
	c->o = *o;
	if (o->is_terminal && o->screen && !shows(c, SHOW_ONELINE))
		c->o.show |= SHOW_LINES;
	if (!shows(c, SHOW_NETNS))
		enabled &= ~(1u << COL_NETNS);
	if (!shows(c, SHOW_NETID))
		enabled &= ~(1u << COL_NETID);
	if (!shows(c, SHOW_STATE))
		enabled &= ~(1u << COL_STATE);
	if (shows(c, SHOW_NO_QUEUES))
		enabled &= ~(1u << COL_RECVQ | 1u << COL_SENDQ);
	if (!shows(c, SHOW_PROCESS))
		enabled &= ~(1u << COL_PROCESS);
	grid_init(&c->grid, out, enabled);
	c->grid.screen = o->screen;
	c->grid.is_terminal = o->is_terminal;
	c->grid.is_wrapped = shows(c, SHOW_LINES);
	if (pick_tokens(c))
		return -ENOMEM;
	*ret = take_ptr(s);
	return 0;
}
