/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/shape.h"

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/hash.h"
#include "kernel/abi.h"

enum {
	TYPE_BEFORE_SOCK_DIAG = 18,
	INET_ATTRIBUTES = NLMSG_HDRLEN + sizeof(struct inet_diag_msg),
	TCP_INFO_MIN = 104, /* as Linux 2.6 had it */
};

static bool is_inet(const struct nlmsghdr *msg)
{
	uint8_t family = *((const uint8_t *)msg + NLMSG_HDRLEN);

	return (msg->nlmsg_type == SOCK_DIAG_BY_FAMILY || msg->nlmsg_type == TYPE_BEFORE_SOCK_DIAG) &&
	       msg->nlmsg_len >= INET_ATTRIBUTES && (family == AF_INET || family == AF_INET6);
}

/* An age of @len bytes of a structure, at @offset there, that lies at @at in the message. */
static void add_age(struct shape *s, size_t at, size_t offset, size_t len, bool is_down)
{
	if (offset + sizeof(uint32_t) > len || (at + offset) % sizeof(uint32_t) ||
	    s->n_ages == SHAPE_AGES_MAX)
		return;
	s->age[s->n_ages++] = (struct age){ (uint16_t)((at + offset) / sizeof(uint32_t)), is_down };
}

static void add_info_ages(struct shape *s, size_t at, size_t len)
{
	if (len == sizeof(struct k_mptcp_info)) {
		add_age(s, at, offsetof(struct k_mptcp_info, mptcpi_last_data_sent), len, false);
		add_age(s, at, offsetof(struct k_mptcp_info, mptcpi_last_data_recv), len, false);
		add_age(s, at, offsetof(struct k_mptcp_info, mptcpi_last_ack_recv), len, false);
	} else if (len >= TCP_INFO_MIN) {
		add_age(s, at, offsetof(struct k_tcp_info, tcpi_last_data_sent), len, false);
		add_age(s, at, offsetof(struct k_tcp_info, tcpi_last_data_recv), len, false);
		add_age(s, at, offsetof(struct k_tcp_info, tcpi_last_ack_recv), len, false);
	}
}

/* Finds the ages, and makes the attributes part of the signature. */
static void look_at_inet(struct shape *s, const struct nlmsghdr *msg)
{
	const uint8_t *p = (const uint8_t *)msg;
	struct nlattr a;

	add_age(s, NLMSG_HDRLEN, offsetof(struct inet_diag_msg, idiag_expires), sizeof(struct inet_diag_msg),
		true);
	for (size_t at = INET_ATTRIBUTES; at + sizeof(a) <= s->len; at += NLA_ALIGN(a.nla_len)) {
		memcpy(&a, p + at, sizeof(a));
		if (a.nla_len < sizeof(a) || a.nla_len > s->len - at)
			return;
		s->signature = hash_u64(s->signature ^ ((uint64_t)a.nla_type << 16 | a.nla_len));
		if (a.nla_type == INET_DIAG_INFO)
			add_info_ages(s, at + NLA_HDRLEN, a.nla_len - NLA_HDRLEN);
	}
}

/* Where the message has its key, which then need not be stored. */
static uint32_t find_key(const struct shape *s, uint64_t key, const struct nlmsghdr *msg)
{
	for (size_t at = NLMSG_HDRLEN; at + sizeof(key) <= s->len; at += sizeof(uint32_t))
		if (!memcmp((const uint8_t *)msg + at, &key, sizeof(key)))
			return (uint32_t)(at / sizeof(uint32_t)) + 1;
	return 0;
}

void shapes_clear(struct shapes *s)
{
	s->n = 1;
	s->at[SHAPE_ODD] = (struct shape){};
}

uint32_t shapes_number(struct shapes *s, uint32_t table, uint64_t key, const struct nlmsghdr *msg)
{
	struct shape one = { .len = msg->nlmsg_len, .table = table };

	if (one.len > SHAPE_LEN_MAX || one.len <= NLMSG_HDRLEN)
		return SHAPE_ODD;
	one.signature = hash_u64((uint64_t)msg->nlmsg_type << 48 ^ (uint64_t)table << 16 ^ one.len);
	if (is_inet(msg))
		look_at_inet(&one, msg);
	for (uint32_t i = 1; i < s->n; i++)
		if (s->at[i].signature == one.signature && s->at[i].len == one.len && s->at[i].table == table)
			return i;
	if (s->n == SHAPES_MAX)
		return SHAPE_ODD;
	one.key_word = find_key(&one, key, msg);
	s->at[s->n] = one;
	return (uint32_t)s->n++;
}

void shapes_put(const struct shapes *s, struct text *t)
{
	varint_put(t, s->n);
	for (size_t i = 1; i < s->n; i++) {
		const struct shape *one = &s->at[i];

		varint_put(t, one->len);
		varint_put(t, one->table);
		varint_put(t, one->key_word);
		varint_put(t, one->n_ages);
		for (size_t k = 0; k < one->n_ages; k++)
			varint_put(t, (uint64_t)one->age[k].word << 1 | one->age[k].is_down);
	}
}

static struct shape get_one(struct cursor *c)
{
	struct shape one = {};

	one.len = (uint32_t)varint_get_max(c, SHAPE_LEN_MAX);
	one.table = (uint32_t)varint_get_max(c, UINT32_MAX);
	one.key_word = (uint32_t)varint_get_max(c, shape_words(SHAPE_LEN_MAX));
	one.n_ages = (uint32_t)varint_get_max(c, SHAPE_AGES_MAX);
	if (one.len <= NLMSG_HDRLEN || (one.key_word && one.key_word + 1 > one.len / 4))
		c->is_bad = true;
	for (size_t k = 0; k < one.n_ages; k++) {
		size_t word = varint_get_max(c, 2 * (size_t)SHAPE_LEN_MAX);

		one.age[k] = (struct age){ (uint16_t)(word >> 1), word & 1 };
		/* The first words are those of the header. */
		if (word >> 1 < NLMSG_HDRLEN / 4 || word >> 1 >= shape_words(one.len))
			c->is_bad = true;
	}
	return one;
}

static bool is_same(const struct shape *a, const struct shape *b)
{
	if (a->len != b->len || a->table != b->table || a->key_word != b->key_word || a->n_ages != b->n_ages)
		return false;
	for (size_t k = 0; k < a->n_ages; k++)
		if (a->age[k].word != b->age[k].word || a->age[k].is_down != b->age[k].is_down)
			return false;
	return true;
}

bool shapes_get(struct shapes *s, struct cursor *c)
{
	size_t n = varint_get_max(c, SHAPES_MAX);

	if (n < s->n)
		return false;
	for (size_t i = 1; i < n; i++) {
		struct shape one = get_one(c);

		if (c->is_bad || (i < s->n && !is_same(&one, &s->at[i])))
			return false;
		s->at[i] = one;
	}
	s->n = n;
	return !c->is_bad;
}
