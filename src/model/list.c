/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "model/list.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "model/raw.h"

enum { PARTS_MAX = 5 };

/* What the bytes of a part are. */
enum how {
	HOW_NUMBER,   /* in the order of this machine */
	HOW_NONZERO,  /* the same; 0 says that there is none */
	HOW_SOCKADDR, /* a struct sockaddr of whatever family */
	HOW_ADDR,     /* an address, whose family is at .by */
	HOW_BYTES,    /* as many as the number at .by says */
	HOW_TEXT,     /* up to a NUL */
};

struct piece {
	const char *name;
	enum type type;
	enum how how;
	uint16_t off, size;
	uint8_t by, by_size; /* where the number is that .how needs */
};

struct list {
	enum field_id field;
	uint16_t each; /* bytes of an element */
	uint8_t n;
	struct piece part[PARTS_MAX];
};

/* clang-format off */
#define AT(s, m) .off = offsetof(s, m), .size = sizeof(((s *)0)->m)
#define BY(s, m) .by = offsetof(s, m), .by_size = sizeof(((s *)0)->m)
#define WHOLE(t) .size = sizeof(t)

static const struct list lists[] = {
	{ F_UNIX_ICONS, sizeof(uint32_t), 1, { { NULL, T_UINT, HOW_NUMBER, WHOLE(uint32_t) } } },
	{ F_SCTP_LOCALS, sizeof(struct sockaddr_storage), 1, { { NULL, T_ADDR, HOW_SOCKADDR, WHOLE(struct sockaddr_storage) } } },
	{ F_SCTP_PEERS, sizeof(struct sockaddr_storage), 1, { { NULL, T_ADDR, HOW_SOCKADDR, WHOLE(struct sockaddr_storage) } } },
	{ F_PACKET_MCLIST, sizeof(struct packet_diag_mclist), 4, {
		{ "ifindex", T_UINT, HOW_NUMBER, AT(struct packet_diag_mclist, pdmc_index) },
		{ "type", T_UINT, HOW_NUMBER, AT(struct packet_diag_mclist, pdmc_type) },
		{ "count", T_UINT, HOW_NUMBER, AT(struct packet_diag_mclist, pdmc_count) },
		{ "addr", T_HWADDR, HOW_BYTES, AT(struct packet_diag_mclist, pdmc_addr), BY(struct packet_diag_mclist, pdmc_alen) } } },
	{ F_PACKET_FILTER, sizeof(struct sock_filter), 4, {
		{ "code", T_UINT, HOW_NUMBER, AT(struct sock_filter, code) },
		{ "jt", T_UINT, HOW_NUMBER, AT(struct sock_filter, jt) },
		{ "jf", T_UINT, HOW_NUMBER, AT(struct sock_filter, jf) },
		{ "k", T_UINT, HOW_NUMBER, AT(struct sock_filter, k) } } },
	{ F_MD5SIG, sizeof(struct k_tcp_diag_md5sig), 3, {
		{ "addr", T_ADDR, HOW_ADDR, AT(struct k_tcp_diag_md5sig, tcpm_addr), BY(struct k_tcp_diag_md5sig, tcpm_family) },
		{ "prefix_len", T_UINT, HOW_NUMBER, AT(struct k_tcp_diag_md5sig, tcpm_prefixlen) },
		{ "key", T_RAW, HOW_BYTES, AT(struct k_tcp_diag_md5sig, tcpm_key), BY(struct k_tcp_diag_md5sig, tcpm_keylen) } } },
	{ F_SMC_LGR, sizeof(struct k_smc_diag_lgrinfo), 4, {
		{ "id", T_UINT, HOW_NUMBER, AT(struct k_smc_diag_lgrinfo, link_id) },
		{ "ibname", T_STR, HOW_TEXT, AT(struct k_smc_diag_lgrinfo, ibname) },
		{ "gid", T_STR, HOW_TEXT, AT(struct k_smc_diag_lgrinfo, gid) },
		{ "peer_gid", T_STR, HOW_TEXT, AT(struct k_smc_diag_lgrinfo, peer_gid) } } },
	{ F_RAW, sizeof(struct raw), 5, {
		{ "attr", T_UINT, HOW_NUMBER, AT(struct raw, attr) },
		{ "nest", T_UINT, HOW_NONZERO, AT(struct raw, nest) },
		{ "at", T_UINT, HOW_NONZERO, AT(struct raw, at) },
		{ "len", T_UINT, HOW_NUMBER, AT(struct raw, len) },
		{ "bytes", T_RAW, HOW_BYTES, AT(struct raw, bytes), BY(struct raw, n) } } },
};
/* clang-format on */

/* How @f is a list; without elements and parts when it is none. */
static const struct list *find(enum field_id f)
{
	static const struct list none = { .each = UINT16_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (lists[i].field == f)
			return &lists[i];
	return &none;
}

size_t list_n_parts(enum field_id f)
{
	return find(f)->n;
}

struct column list_part(enum field_id f, size_t part)
{
	const struct piece *p = &find(f)->part[part];

	return (struct column){ .name = p->name,
				.field = F_MAX,
				.type = p->type,
				.sem = SEM_NAME,
				.prefix = { PREFIX_NONE, PREFIX_NONE } };
}

size_t list_len(enum field_id f, struct sv bytes)
{
	return bytes.len / find(f)->each;
}

static struct sv addr_of(const char *p, uint64_t family)
{
	return sv_n(p, family == AF_INET6 ? 16 : family == AF_INET ? 4 : 0);
}

/* The address in a struct sockaddr_storage; none of another family. */
static struct sv sockaddr_of(const char *p)
{
	uint64_t family = field_load((const uint8_t *)p, sizeof(sa_family_t));

	return addr_of(p + (family == AF_INET6 ? offsetof(struct sockaddr_in6, sin6_addr)
					       : offsetof(struct sockaddr_in, sin_addr)),
		       family);
}

bool list_get(enum field_id f, struct sv bytes, size_t i, size_t part, struct val *ret)
{
	const struct list *l = find(f);
	const struct piece *p = &l->part[part];
	const char *element = bytes.p + i * l->each, *at = element + p->off;
	uint64_t by = field_load((const uint8_t *)element + p->by, p->by_size);

	*ret = (struct val){ .kind = VAL_STR };
	switch (p->how) {
	case HOW_NUMBER:
		*ret = (struct val){ .kind = VAL_UINT, .u = field_load((const uint8_t *)at, p->size) };
		return true;
	case HOW_NONZERO:
		*ret = (struct val){ .kind = VAL_UINT, .u = field_load((const uint8_t *)at, p->size) };
		return ret->u;
	case HOW_SOCKADDR: ret->s = sockaddr_of(at); break;
	case HOW_ADDR: ret->s = addr_of(at, by); break;
	case HOW_BYTES: ret->s = sv_n(at, by < p->size ? by : p->size); break;
	case HOW_TEXT: ret->s = sv_fixed(at, p->size); break;
	}
	return ret->s.len > 0;
}
