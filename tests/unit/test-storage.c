/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * The values of BPF maps in a message: whole, cut at every length, longer than
 * an attribute can say; and what a build without libbpf answers.
 */

#include "model/storage.h"

#include <errno.h>
#include <linux/netlink.h>

#include "check.h"
#include "enrich/storage.h"
#include "family/family.h"

enum { CAP = 256 * 1024, BEFORE = NLMSG_HDRLEN + sizeof(struct inet_diag_msg) };

static const struct seg_dump origin = { .table = TABLE_TCP, .protocol = 6 };

struct message {
	uint8_t *p;
	size_t len;
};

/* Begins an attribute; returns where, for end_attr(). */
static size_t begin_attr(struct message *m, uint16_t type)
{
	struct nlattr a = { .nla_type = type };
	size_t at = m->len;

	memcpy(m->p + at, &a, sizeof(a));
	m->len += sizeof(a);
	return at;
}

/* The length is what fits into 16 bits, as the kernel does it. */
static void end_attr(struct message *m, size_t at)
{
	uint16_t len = (uint16_t)(m->len - at);

	memcpy(m->p + at, &len, sizeof(len));
	m->len = NLA_ALIGN(m->len);
}

static void put(struct message *m, uint16_t type, const void *p, size_t len)
{
	size_t at = begin_attr(m, type);

	memcpy(m->p + m->len, p, len);
	m->len += len;
	end_attr(m, at);
}

/* A message with @n maps, numbered from 1, whose values have @size bytes, each its map's number. */
static struct message make(uint32_t n, size_t size)
{
	struct message m = { .p = calloc(1, CAP), .len = BEFORE };
	uint8_t *value = malloc(size);
	size_t all, one;

	CHECK(m.p && value);
	m.p[NLMSG_HDRLEN] = 2; /* AF_INET */
	put(&m, K_INET_DIAG_CONG, "cubic", 6);
	all = begin_attr(&m, K_INET_DIAG_SK_BPF_STORAGES);
	for (uint32_t id = 1; id <= n; id++) {
		memset(value, (int)id, size);
		one = begin_attr(&m, 1);
		put(&m, 2, &id, sizeof(id));
		put(&m, 1, "", 0);
		put(&m, 3, value, size);
		end_attr(&m, one);
	}
	end_attr(&m, all);
	free(value);
	return m;
}

/* Reads a copy of the first @len bytes, behind which nothing may be read; returns how many values are right.
 */
static unsigned int count(const struct message *m, size_t len, size_t size)
{
	struct nlmsghdr *nlh = malloc(len);
	unsigned int n = 0;
	struct storage s;
	struct row row;
	struct sv all;

	CHECK(nlh);
	memcpy(nlh, m->p, len);
	nlh->nlmsg_len = (uint32_t)len;
	(void)row_open(&row, &family_inet, &origin, nlh);
	all = storage_all(&row);
	while (storage_next(&all, &s)) {
		CHECK(s.value.len == size && s.map_id == n + 1);
		CHECK((uint8_t)s.value.p[0] == s.map_id && (uint8_t)s.value.p[size - 1] == s.map_id);
		n++;
	}
	free(nlh);
	return n;
}

static void check_whole(void)
{
	static const size_t sizes[] = { 1, 4, 7, 4096, 21000, 30000, 40000, 65000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (uint32_t n = 0; n <= 3; n++) {
			struct message m = make(n, sizes[i]);

			CHECK(count(&m, m.len, sizes[i]) == n);
			free(m.p);
		}
	}
}

static void check_cut(size_t size, size_t step)
{
	struct message m = make(3, size);

	for (size_t len = NLMSG_HDRLEN; len < m.len; len += step)
		CHECK(count(&m, len, size) <= 3);
	free(m.p);
}

static void check_stub(void)
{
	struct storages *s = NULL;
	struct text t = {};
	struct err e = {};

	CHECK(storages_new(&s, &e) == -EOPNOTSUPP && !s);
	CHECK_STR(e.text, "built without libbpf");
	CHECK(storages_open(NULL, 1, &e) == -EOPNOTSUPP);
	CHECK(storages_put(NULL, &t, 1, sv("x"), false) == -ENOENT && t.len == 0);
	CHECK(!storages_free(NULL));
}

int main(void)
{
	check_whole();
	check_cut(5, 1);
	check_cut(30000, 97);
	check_stub();
	return 0;
}
