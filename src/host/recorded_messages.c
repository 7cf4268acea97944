/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The answers of a recording's kernel: of the messages of a table those of one question. */

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "host/recorded_impl.h"
#include "host/recorded_table.h"
#include "model/state.h"

/* What was found out about a question when the sample was made. */
struct answer {
	bool was_asked;
	uint32_t states; /* that were asked for */
	enum answer_refused refused;
	struct sv why, failed; /* .p is NULL: it was not */
};

struct message_source {
	struct source source;
	struct recorded *host;
	const struct dump *dump; /* borrowed */
	uint32_t table, netns;
	bool is_timed;        /* ages are asked for */
	size_t run, left, at; /* the run of messages that is next, and what is left of the one at hand */
	struct row row;
};

/* The number of the network namespace that @q is about. */
static uint32_t netns_of(const struct recorded *r, const struct host_ask *q)
{
	return q->place ? q->place->ino : r->home;
}

/* The states in which the kernel tells those that it calls by one: closed and bound TCP sockets are one. */
static uint32_t state_bit(const struct dump *d, uint64_t state)
{
	bool has_bound = d->origin.table == TABLE_TCP || d->origin.table == TABLE_DCCP;

	return STATE((has_bound && state == K_TCP_CLOSE ? K_TCP_BOUND_INACTIVE : state) & 31);
}

/* Of SCTP the kernel chooses between endpoints and associations. */
static bool is_in_states_sctp(const struct dump *d, const struct row *row)
{
	const uint32_t endpoints = STATE(K_TCP_LISTEN) | STATE(K_TCP_CLOSE);

	return d->states & (row_has(row, SEG_PEERS) ? ~endpoints : endpoints);
}

static bool is_asked_for(struct message_source *s, const struct nlmsghdr *msg)
{
	const struct dump *d = s->dump;
	struct row *row = &s->row;
	bool is_inet = d->family == &family_inet;

	if (is_inet && d->origin.protocol != IPPROTO_SCTP) {
		const uint8_t *m = (const uint8_t *)msg + NLMSG_HDRLEN;

		return msg->nlmsg_len >= NLMSG_LENGTH(sizeof(struct inet_diag_msg)) &&
		       m[offsetof(struct inet_diag_msg, idiag_family)] == d->af &&
		       d->states & state_bit(d, m[offsetof(struct inet_diag_msg, idiag_state)]);
	}
	(void)row_open(row, d->family, &d->origin, msg);
	if (is_inet)
		return field_u64(row, F_FAMILY, 0) == d->af && is_in_states_sctp(d, row);
	if (d->af == AF_UNIX || d->af == K_AF_VSOCK || d->af == K_AF_TIPC)
		return d->states & STATE(field_u64(row, F_STATE, 0) & 31);
	return true;
}

static int next(struct source *source, const struct nlmsghdr **ret, struct err *)
{
	struct message_source *s = (struct message_source *)source;
	struct recorded *r = s->host;
	struct store_message m;

	for (;;) {
		for (; !s->left; s->run++) {
			const struct recorded_run *run = &r->runs[s->run];

			if (s->run == r->n_runs)
				return 0;
			if (run->table != s->table || run->netns != s->netns ||
			    (s->dump->family == &family_inet && run->af != s->dump->af))
				continue;
			s->left = run->n;
			s->at = run->at;
		}
		s->left--;
		if ((s->is_timed ? store_next(r->reader, &s->at, &m) : store_look(r->reader, &s->at, &m)) <=
		    0)
			return 0;
		if (!is_asked_for(s, m.msg))
			continue;
		*ret = m.msg;
		return 1;
	}
}

static void close_messages(struct source *s)
{
	free(s);
}

static const struct source_ops ops = { .next = next, .close = close_messages };

static int open_messages(struct recorded *r, const struct host_ask *q, bool is_text, struct source **ret,
			 struct err *e)
{
	struct message_source *s = calloc(1, sizeof(*s));

	if (!s)
		return err_sys(e, -ENOMEM, "%s", r->file);
	*s = (struct message_source){
		.source.ops = &ops,
		.host = r,
		.dump = q->dump,
		.is_timed = q->dump->is_timed || q->dump->ask & ASK_INET(K_INET_DIAG_INFO),
		.table = recorded_table(q->dump->origin.table) | (is_text ? FACT_TABLE_IS_TEXT : 0),
		.netns = netns_of(r, q)
	};
	*ret = &s->source;
	return 0;
}

/* Takes in what a question was answered that has one of the states @d asks for, or any where there are none.
 */
static void add_answer(struct answer *a, const struct dump *d, uint32_t states, struct sv value)
{
	uint64_t refused = fact_u64(fact_member(value, ANSWER_REFUSED));
	struct sv failed = fact_member(value, ANSWER_FAILED);

	a->was_asked = true;
	a->states |= states;
	if (!(states & d->states) && d->states)
		return;
	if (refused && !a->refused) {
		a->refused = refused == ANSWER_NO_TABLE ? ANSWER_NO_TABLE : ANSWER_ERROR;
		a->why = fact_member(value, ANSWER_WHY);
	}
	if (failed.p && !a->failed.p)
		a->failed = failed;
}

static struct answer find_answer(const struct recorded *r, const struct host_ask *q)
{
	const struct dump *d = q->dump;
	struct answer a = {};
	struct sv key, value;
	size_t at = 0;

	while (store_next_fact(r->reader, FACT_ANSWER, &at, &key, &value) > 0) {
		uint32_t netns = (uint32_t)fact_key_take(&key, 4), table = (uint32_t)fact_key_take(&key, 4);
		uint8_t af = (uint8_t)fact_key_take(&key, 1);

		if (netns == netns_of(r, q) && table == recorded_table(d->origin.table) && af == d->af)
			add_answer(&a, d, (uint32_t)fact_key_take(&key, 4), value);
	}
	return a;
}

/* The recording has no such sockets: what it was made of. */
static int refuse(const struct recorded *r, struct err *e)
{
	struct sv of = recorded_word(r, FACT_MAKING, "tables");

	return err_say(e, -ENODATA, "the recording %s has none: it was made of %.*s", r->file,
		       of.p ? (int)of.len : 8, of.p ? of.p : "no table");
}

/* Of some of the states asked for it is not known which sockets there were. */
static void note_states(const struct recorded *r, const struct dump *d, uint32_t lacks)
{
	struct text t = {};

	for (uint32_t left = lacks; left; left &= left - 1) {
		text_str(&t, t.len ? ", " : "");
		text_str(&t, state_name((unsigned int)__builtin_ctz(left)));
	}
	text_char(&t, '\0');
	r->notes->is_partial = true;
	notes_add(r->notes, NOTE_WARNING, "the recording %s has no %s sockets in these states: %s", r->file,
		  table_names[d->origin.table], t.failed ? "out of memory" : t.p);
	text_done(&t);
}

/* Those of TCP that are bound and idle are left out for what finding them costs, and who made it was told. */
static uint32_t lacking(const struct dump *d, const struct answer *a)
{
	const uint32_t none = STATE(0) | STATE(K_TCP_NEW_SYN_RECV); /* in which no socket is told */
	uint32_t lacks = d->states & ~a->states & STATES_ALL & ~none;

	if (d->origin.table == TABLE_TCP || d->origin.table == TABLE_DCCP)
		lacks &= ~(uint32_t)STATE(K_TCP_CLOSE);
	return d->family == &family_inet || d->af == AF_UNIX ? lacks : 0;
}

int recorded_open(struct host *h, const struct host_ask *q, struct source **ret, struct err *e)
{
	struct recorded *r = recorded_of(h);
	const struct answer a = find_answer(r, q);
	uint32_t lacks = lacking(q->dump, &a);

	if (!a.was_asked)
		return refuse(r, e);
	if (lacks == STATE(K_TCP_BOUND_INACTIVE) && q->dump->states == lacks)
		return err_say(e, -ENOENT, "they were not looked for");
	if (a.failed.p)
		return err_say(e, -EIO, "not listed when it was recorded: %.*s", SV_ARG(a.failed));
	if (a.refused == ANSWER_NO_TABLE)
		return err_say(e, -ENOENT, "%.*s", SV_ARG(a.why));
	if (a.refused)
		return err_say(e, -EIO, "%.*s", SV_ARG(a.why));
	if (lacks && r->notes)
		note_states(r, q->dump, lacks);
	return open_messages(r, q, false, ret, e);
}

int recorded_open_text(struct host *h, const struct host_ask *q, struct source **ret, struct err *e)
{
	struct recorded *r = recorded_of(h);
	const struct answer a = find_answer(r, q);
	uint32_t table = recorded_table(q->dump->origin.table) | FACT_TABLE_IS_TEXT;
	bool is_first = table == (FACT_TABLE_ICMP | FACT_TABLE_IS_TEXT); /* else recorded_open() was */
	bool has_text = is_first;

	if (!is_first && (!a.was_asked || a.failed.p))
		return err_say(e, -EOPNOTSUPP, "the recording has no text");
	if (!a.was_asked)
		return refuse(r, e);
	if (a.failed.p)
		return err_say(e, -EIO, "not listed when it was recorded: %.*s", SV_ARG(a.failed));
	for (size_t i = 0; i < r->n_runs && !has_text; i++)
		has_text = r->runs[i].table == table && r->runs[i].netns == netns_of(r, q);
	if (!has_text && a.refused != ANSWER_ERROR)
		return err_say(e, -EOPNOTSUPP, "the recording has no text");
	return open_messages(r, q, true, ret, e);
}

int recorded_next_event(struct host *h, bool is_everywhere, size_t *at, struct store_message *ret)
{
	struct recorded *r = recorded_of(h);

	/* They come in front of all sockets, whose number does not matter then. */
	while (store_next(r->reader, at, ret) > 0 && ret->table == FACT_TABLE_EVENT)
		if (is_everywhere || !ret->netns || !r->home || ret->netns == r->home)
			return 1;
	return 0;
}
