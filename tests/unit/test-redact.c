/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Redaction: nothing gets through that was not meant to, and what addresses have in common stays. */

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/packet_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "check.h"
#include "history/event.h"
#include "history/facts.h"
#include "history/redact_impl.h"
#include "kernel/abi.h"
#include "random.h"

enum { ROUNDS = 3000 };

static const uint8_t secret[] = { 93, 184, 216, 34 };
static const char secret_name[] = "hush-hush";
static struct redact *r;

/* Of the paper's appendix A, and of its authors' table for nothing at all. */
static void test_vectors(void)
{
	uint8_t key[SIPHASH_KEY], in[15];

	for (uint8_t i = 0; i < SIPHASH_KEY; i++)
		key[i] = i;
	for (uint8_t i = 0; i < sizeof(in); i++)
		in[i] = i;
	CHECK(siphash(key, in, sizeof(in)) == UINT64_C(0xa129ca6149be45e5));
	CHECK(siphash(key, "", 0) == UINT64_C(0x726fdb47dd0e0e31));
	CHECK(siphash(key, in, 8) == UINT64_C(0x93f5f5799a932462));
}

static void random_bytes(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)pick(256);
}

static unsigned int shared(const uint8_t *a, const uint8_t *b, size_t n)
{
	unsigned int i = 0;

	while (i < 8 * n && !((a[i / 8] ^ b[i / 8]) & 0x80 >> i % 8))
		i++;
	return i;
}

/* Another address, that has the first @bits bits of @a and not the next. */
static void neighbour(const uint8_t *a, uint8_t *ret, size_t n, unsigned int bits)
{
	random_bytes(ret, n);
	for (unsigned int i = 0; i <= bits && i < 8 * n; i++) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8), is = a[i / 8] & bit;

		ret[i / 8] = (uint8_t)((ret[i / 8] & ~bit) | (i == bits ? is ^ bit : is));
	}
}

static void test_prefixes(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		uint8_t a[16], b[16], c[16], d[16];
		size_t n = i & 1 ? 16 : 4;
		unsigned int bits = pick((uint32_t)(8 * n + 1));

		random_bytes(a, n);
		neighbour(a, b, n, bits);
		memcpy(c, a, n);
		memcpy(d, b, n);
		n == 4 ? redact_v4(r, c) : redact_v6(r, c);
		n == 4 ? redact_v4(r, d) : redact_v6(r, d);
		CHECK(shared(a, b, n) == shared(c, d, n));
	}
}

/* What @text becomes. */
static const char *changed(const char *text)
{
	static char to[INET6_ADDRSTRLEN];
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	uint8_t a[16];

	CHECK(inet_pton(family, text, a) == 1);
	family == AF_INET ? redact_v4(r, a) : redact_v6(r, a);
	CHECK(inet_ntop(family, a, to, sizeof(to)));
	return to;
}

static void test_ranges(void)
{
	static const char *const same[] = { "0.0.0.0", "127.0.0.1", "127.0.0.53",       "255.255.255.255",
					    "::",      "::1",       "::ffff:127.0.0.1", "fe80::" };
	static const char *const begin[][2] = {
		{ "10.1.2.3", "10." },
		{ "192.168.7.7", "192.168." },
		{ "169.254.3.4", "169.254." },
		{ "fe80::1:2:3", "fe80::" },
		{ "ff02::1:ff00:1234", "ff02:" },
		{ "fd00:1:2::3", "fd" },
		{ "64:ff9b::8.8.8.8", "64:ff9b::" },
		{ "::ffff:10.2.3.4", "::ffff:10." },
	};
	char v4[INET6_ADDRSTRLEN];

	for (size_t i = 0; i + 1 < ARRAY_SIZE(same); i++)
		CHECK(!strcmp(changed(same[i]), same[i]));
	for (size_t i = 0; i < ARRAY_SIZE(begin); i++) {
		const char *to = changed(begin[i][0]);

		CHECK(!strncmp(to, begin[i][1], strlen(begin[i][1])) && strcmp(to, begin[i][0]) != 0);
	}
	CHECK(inet_addr(changed("172.31.0.9")) != INADDR_NONE &&
	      (ntohl(inet_addr(changed("172.31.0.9"))) >> 20) == 0xac1);
	CHECK((ntohl(inet_addr(changed("100.127.0.9"))) >> 22) == 0x64400000 >> 22);
	CHECK((ntohl(inet_addr(changed("239.1.2.3"))) >> 28) == 0xe);
	(void)snprintf(v4, sizeof(v4), "::ffff:%s", changed("93.184.216.34"));
	CHECK(!strcmp(changed("::ffff:93.184.216.34"), v4));
}

struct message {
	struct nlmsghdr head;
	uint8_t body[16384];
};

static void add_attr(struct message *m, uint16_t type, const void *p, size_t n)
{
	struct nlattr a = { .nla_type = type, .nla_len = (uint16_t)(NLA_HDRLEN + n) };
	uint8_t *to = (uint8_t *)m + m->head.nlmsg_len;

	memset(to, 0, NLA_ALIGN(a.nla_len));
	memcpy(to, &a, sizeof(a));
	memcpy(to + NLA_HDRLEN, p, n);
	m->head.nlmsg_len += NLA_ALIGN(a.nla_len);
}

static bool has(const void *p, size_t n, const void *what, size_t len)
{
	return memmem(p, n, what, len);
}

static void check_clean(const void *p, size_t n)
{
	CHECK(!has(p, n, secret, sizeof(secret)) && !has(p, n, secret_name, strlen(secret_name)));
}

static void begin(struct message *m, const void *p, size_t n)
{
	m->head = (struct nlmsghdr){ .nlmsg_type = 20, .nlmsg_len = (uint32_t)(NLMSG_HDRLEN + n) };
	memcpy(m->body, p, n);
}

/* The payload that an attribute of the message made last has; its length in *ret. */
static const uint8_t *attr_of(size_t fixed, uint16_t type, size_t *ret)
{
	size_t at = NLMSG_HDRLEN + fixed;

	while (at + NLA_HDRLEN <= r->msg.len) {
		struct nlattr a;

		memcpy(&a, r->msg.p + at, sizeof(a));
		CHECK(a.nla_len >= NLA_HDRLEN && at + a.nla_len <= r->msg.len);
		*ret = a.nla_len - NLA_HDRLEN;
		if (a.nla_type == type)
			return (const uint8_t *)r->msg.p + at + NLA_HDRLEN;
		at += NLA_ALIGN(a.nla_len);
	}
	return NULL;
}

/* Lists of addresses, keys, and what nobody knows. */
static void test_inet(void)
{
	struct inet_diag_msg head = { .idiag_family = AF_INET, .id.idiag_sport = 77, .idiag_inode = 4711 },
			     got;
	struct k_tcp_diag_md5sig md5 = { .tcpm_family = AF_INET, .tcpm_prefixlen = 24, .tcpm_keylen = 9 };
	struct sockaddr_in peers[2][128 / sizeof(struct sockaddr_in)] = {};
	struct k_tcp_info info = { .tcpi_rtt = 4242 };
	static struct message m;
	const uint8_t *p;
	size_t n;

	memcpy(head.id.idiag_src, secret, sizeof(secret));
	memcpy(head.id.idiag_dst, secret, sizeof(secret));
	memcpy(md5.tcpm_addr, secret, sizeof(secret));
	memcpy(md5.tcpm_key, secret_name, 9);
	for (int i = 0; i < 2; i++) {
		peers[i][0] = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = 99 };
		memcpy(&peers[i][0].sin_addr, secret, sizeof(secret));
		memcpy(&peers[i][2], secret, sizeof(secret));
	}
	begin(&m, &head, sizeof(head));
	for (uint16_t type = 0; type < 200; type++) /* what is kept is numbers, and those are not addresses */
		if (type >= K_INET_DIAG_SOCKOPT + 1 &&
		    (type < K_INET_DIAG_X_PROC || type > K_INET_DIAG_X_NETNS))
			add_attr(&m, type, secret_name, sizeof(secret_name));
	add_attr(&m, K_INET_DIAG_SK_BPF_STORAGES, secret_name, sizeof(secret_name));
	add_attr(&m, K_INET_DIAG_X_PROC_REST, secret_name, sizeof(secret_name));
	add_attr(&m, K_INET_DIAG_PEERS, peers, sizeof(peers));
	add_attr(&m, K_INET_DIAG_LOCALS, peers, sizeof(peers) - 5);
	add_attr(&m, K_INET_DIAG_MD5SIG, &md5, sizeof(md5));
	add_attr(&m, K_INET_DIAG_INFO, &info, sizeof(info));
	CHECK(redact_message(r, FACT_TABLE_TCP, &m.head) && !r->msg.failed);
	check_clean(r->msg.p, r->msg.len);
	memcpy(&got, r->msg.p + NLMSG_HDRLEN, sizeof(got));
	CHECK(got.id.idiag_sport == 77 && got.idiag_inode == 4711 &&
	      got.id.idiag_src[0] == got.id.idiag_dst[0]);
	p = attr_of(sizeof(head), K_INET_DIAG_INFO, &n);
	CHECK(p && n == sizeof(info) && !memcmp(p, &info, n));
	p = attr_of(sizeof(head), K_INET_DIAG_PEERS, &n);
	CHECK(p && n == sizeof(peers) && !memcmp(p + 4, got.id.idiag_src, 4) && p[2] == 99);
	p = attr_of(sizeof(head), K_INET_DIAG_LOCALS, &n);
	CHECK(p && n == 128);
	p = attr_of(sizeof(head), K_INET_DIAG_MD5SIG, &n);
	CHECK(p && n == sizeof(md5) && p[1] == 24 && !memcmp(p + 4, got.id.idiag_src, 3) && !p[7] &&
	      p[20] == 'x');
}

static void test_sctp(void)
{
	struct inet_diag_msg head = { .idiag_family = AF_INET };
	struct sockaddr_in peer = { .sin_family = AF_INET };
	struct k_sctp_info info = { .sctpi_rwnd = 4242, .sctpi_p_srtt = 17 };
	static struct message m;
	size_t n;

	memcpy(&peer.sin_addr, secret, sizeof(secret));
	memcpy(info.sctpi_p_address, &peer, sizeof(peer));
	for (size_t len = 0; len <= sizeof(info); len += 4) {
		begin(&m, &head, sizeof(head));
		add_attr(&m, K_INET_DIAG_INFO, &info, len);
		CHECK(redact_message(r, FACT_TABLE_SCTP, &m.head));
		check_clean(r->msg.p, r->msg.len);
	}
	CHECK(attr_of(sizeof(head), K_INET_DIAG_INFO, &n) && n == sizeof(info));
}

static void test_other_tables(void)
{
	struct unix_diag_msg un = { .udiag_family = AF_UNIX, .udiag_ino = 5 };
	struct k_vsock_diag_msg vsock = { .vdiag_src_cid = 2, .vdiag_dst_port = 6 }, got;
	struct packet_diag_msg packet = { .pdiag_family = AF_PACKET };
	struct k_smc_diag_msg smc = { .diag_family = K_AF_SMC };
	struct k_smc_diag_lgrinfo group = {};
	uint8_t mcast[44] = {}, node[16] = {};
	static struct message m;
	const uint8_t *p;
	size_t n;

	begin(&m, &un, sizeof(un));
	add_attr(&m, UNIX_DIAG_NAME, "/run/hush-hush/hush-hush.sock", 30);
	CHECK(redact_message(r, FACT_TABLE_UNIX, &m.head));
	check_clean(r->msg.p, r->msg.len);
	p = attr_of(sizeof(un), UNIX_DIAG_NAME, &n);
	CHECK(p && p[0] == '/' && !p[n - 1] && memchr(p + 1, '/', n - 1));
	begin(&m, &un, sizeof(un));
	add_attr(&m, UNIX_DIAG_NAME, "\0hush-hush", 10);
	CHECK(redact_message(r, FACT_TABLE_UNIX, &m.head));
	check_clean(r->msg.p, r->msg.len);
	p = attr_of(sizeof(un), UNIX_DIAG_NAME, &n);
	CHECK(p && !p[0] && p[1] == 'x');

	memcpy(&vsock.vdiag_dst_cid, secret, sizeof(secret));
	begin(&m, &vsock, sizeof(vsock));
	CHECK(redact_message(r, FACT_TABLE_VSOCK, &m.head));
	check_clean(r->msg.p, r->msg.len);
	memcpy(&got, r->msg.p + NLMSG_HDRLEN, sizeof(got));
	CHECK(got.vdiag_src_cid == 2 && got.vdiag_dst_cid > 2 && got.vdiag_dst_port == 6);

	memcpy(mcast + 12, secret, sizeof(secret));
	begin(&m, &packet, sizeof(packet));
	add_attr(&m, PACKET_DIAG_MCLIST, mcast, sizeof(mcast));
	add_attr(&m, PACKET_DIAG_FILTER, secret, sizeof(secret));
	CHECK(redact_message(r, FACT_TABLE_PACKET, &m.head));
	check_clean(r->msg.p, r->msg.len);

	memcpy(smc.id.idiag_dst, secret, sizeof(secret));
	memcpy(group.ibname, secret_name, sizeof(secret_name));
	memcpy(group.peer_gid, secret_name, sizeof(secret_name));
	begin(&m, &smc, sizeof(smc));
	add_attr(&m, K_SMC_DIAG_LGRINFO, &group, sizeof(group));
	CHECK(redact_message(r, FACT_TABLE_SMC, &m.head));
	check_clean(r->msg.p, r->msg.len);

	node[0] = 8; /* an attribute in the nest */
	node[2] = K_TIPC_NLA_SOCK_ADDR;
	memcpy(node + 4, secret, sizeof(secret));
	begin(&m, "", 0);
	add_attr(&m, K_TIPC_NLA_SOCK | NLA_F_NESTED, node, 8);
	CHECK(redact_message(r, FACT_TABLE_TIPC, &m.head));
	check_clean(r->msg.p, r->msg.len);
	CHECK(r->msg.len == NLMSG_HDRLEN + 12);
}

/* Of what no table has, or what has been cut, nothing is left, and nothing breaks. */
/* Who did it is called as among the facts, and of what was lost only the attribute is left. */
static void test_event(void)
{
	struct inet_diag_msg head = { .idiag_family = AF_INET, .id.idiag_sport = 77 };
	struct event_told told = { .kind = EVENT_IS_CLOSE, .pid = 42, .at_us = 4711 };
	static struct message m;
	struct text name = {};
	const uint8_t *p;
	size_t n;

	memcpy(told.comm, secret_name, strlen(secret_name) < 16 ? strlen(secret_name) : 16);
	redact_name(r, "proc-", sv_fixed(told.comm, sizeof(told.comm)), &name);
	for (int is_lost = 0; is_lost < 2; is_lost++) {
		begin(&m, &head, is_lost ? 0 : sizeof(head));
		add_attr(&m, EVENT_ATTR, &told, sizeof(told));
		CHECK(redact_message(r, FACT_TABLE_EVENT, &m.head));
		check_clean(r->msg.p, r->msg.len);
		p = attr_of(is_lost ? 0 : sizeof(head), EVENT_ATTR, &n);
		CHECK(p && n == sizeof(told) && r->msg.len == m.head.nlmsg_len);
		CHECK(!memcmp(p, &told, offsetof(struct event_told, comm)));
		CHECK(!strncmp((const char *)p + offsetof(struct event_told, comm), name.p, name.len));
	}
	text_done(&name);
}

static void test_odd(void)
{
	static struct message m;

	for (int i = 0; i < ROUNDS; i++) {
		random_bytes((uint8_t *)m.body, 512);
		m.head.nlmsg_len = NLMSG_HDRLEN + pick(512);
		(void)redact_message(r, pick(20), &m.head);
		CHECK(!r->msg.failed && r->msg.len <= 4096);
	}
	CHECK(!redact_message(r, FACT_TABLE_NONE, &m.head) && !redact_message(r, 999, &m.head));
}

static void test_facts(void)
{
	char path[] = "/tmp/sockeye-redact-XXXXXX/file";
	char *slash = strrchr(path, '/');
	struct store_writer *w;
	struct store_reader *from;
	struct sv key, value;
	struct text t = {};
	struct err e = {};
	size_t at, n = 0;

	*slash = '\0';
	CHECK(mkdtemp(path));
	*slash = '/';
	CHECK(!store_write(path, &(struct store_opts){}, &w, &e));
	CHECK(!store_begin(w, (struct store_time){ 1, 1 }, &e));
	for (int kind = 1; kind < 256; kind++) { /* the same under every word, and as every member */
		static const char *const words[] = { "command",   "filter", "host",   "sight.why",
						     secret_name, "kernel", "version" };

		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			CHECK(!store_put_fact(w, (uint8_t)kind, sv(words[i]), sv(secret_name)));
		t.len = 0;
		for (uint8_t member = 1; member < 20; member++)
			if (!((kind == FACT_TENANT || kind == FACT_TENANT_OF) &&
			      member == TENANT_CONTAINER_RUNTIME) &&
			    !(kind == FACT_PLACE && member != PLACE_NAME) && kind != FACT_OWNERS &&
			    kind != FACT_ANSWER && kind != FACT_ASIDE && kind != FACT_UNBOUND &&
			    !(kind == FACT_NOTE && member != NOTED_TEXT) &&
			    !((kind == FACT_TENANT || kind == FACT_TENANT_OF) && member <= TENANT_IS_ROOT))
				fact_add(&t, member, sv(secret_name));
		for (size_t len = 1; len < 14; len++)
			CHECK(!store_put_fact(w, (uint8_t)kind, sv_first(sv("kkkkkkkkkkkkkkkk"), len),
					      sv_n(t.p ? t.p : "", t.len)));
	}
	CHECK(!store_end(w, &e) && !store_close(w, &e));
	CHECK(!store_open(path, &from, &e) && !store_seek(from, 0, &e));
	CHECK(!unlink(path));
	CHECK(!store_write(path, &(struct store_opts){}, &w, &e));
	CHECK(!redact_sample(r, &(struct store_time){ 1, 1 }, from, w, &e) && !store_close(w, &e));
	(void)store_reader_free(from);
	CHECK(!store_open(path, &from, &e) && !store_seek(from, 0, &e));
	for (int kind = 1; kind < 256; kind++) {
		at = 0;
		while (store_next_fact(from, (uint8_t)kind, &at, &key, &value) > 0) {
			check_clean(value.p, value.len);
			check_clean(key.p, key.len);
			n++;
		}
	}
	CHECK(n > 12);
	(void)store_reader_free(from);
	CHECK(!unlink(path));
	*slash = '\0';
	CHECK(!rmdir(path));
	text_done(&t);
}

int main(void)
{
	struct err e = {};

	CHECK(!redact_new(&r, &e));
	test_vectors();
	test_prefixes();
	test_ranges();
	test_inet();
	test_sctp();
	test_other_tables();
	test_event();
	test_odd();
	test_facts();
	(void)redact_free(r);
	return 0;
}
