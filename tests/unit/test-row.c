/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Every recorded message, whole and cut at every length.
 *
 * A cut message must never be read past its end and must give a subset of the
 * whole one's fields, with the same values. It lies right before an unmapped
 * page, so one byte too far is a crash even without a sanitizer. A whole one
 * has no attribute that the registry does not know. A record of all fields has
 * those that field_get() knows, whatever rows came before.
 */

#include <fcntl.h>
#include <glob.h>
#include <sys/mman.h>
#include <unistd.h>

#include "any-row.h"
#include "check.h"
#include "model/value.h"
#include "sink/project.h"

enum { PAGES = 1 << 16, MESSAGE_MAX = 1 << 15 };
#ifdef __SANITIZE_ADDRESS__
enum { STEP = 3, LATER_STEP = 13 }; /* it finds what is not in the message: for that, the guard is as good */
#else
enum { STEP = 1, LATER_STEP = 5 };
#endif

static uint8_t *guard; /* the first byte that must not be touched */
static struct sink *sink, *project;
static size_t n_messages, n_cuts, n_fields;

static void make_guard(void)
{
	uint8_t *p = mmap(NULL, 2 * PAGES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	CHECK(!mprotect(p + PAGES, PAGES, PROT_NONE));
	guard = p + PAGES;
}

/* Copies @len bytes to right before the guard and says in them that they are all. */
static const struct nlmsghdr *place(const uint8_t *message, uint32_t len)
{
	uint8_t *at = guard - len;

	memcpy(at, message, len);
	memcpy(at, &len, sizeof(len));
	return (const struct nlmsghdr *)(const void *)at;
}

/* What a whole message has, looked up once for all its cuts. */
static struct {
	const struct loc *at;
	bool is_there;
	struct val val;
} of_whole[F_MAX];

static void look_up(const struct row *whole)
{
	for (enum field_id f = 0; f < F_MAX; f++) {
		of_whole[f].at = field_find_loc(whole, f);
		of_whole[f].is_there = field_get_sent(whole, f, &of_whole[f].val);
	}
}

static void check_same(const struct row *cut, enum field_id f)
{
	const struct val *b = &of_whole[f].val;
	struct val a;

	if (!field_get_sent(cut, f, &a))
		return;
	n_fields++;
	CHECK(of_whole[f].is_there);
	CHECK(a.kind == b->kind);
	if (a.kind == VAL_STR)
		CHECK(sv_eq(a.s, b->s));
	else if (a.kind != VAL_OWNERS)
		CHECK(a.u == b->u);
}

/*
 * A field that moved from one place to another because the better one was cut off is no mistake, nor is
 * what is told apart by something that was cut off: an SCTP association's state by its peers.
 */
static bool is_in_same_place(const struct row *cut, const struct row *whole, enum field_id f)
{
	if (f == F_STATE && row_has(cut, SEG_PEERS) != row_has(whole, SEG_PEERS))
		return false;
	return field_find_loc(cut, f) == of_whole[f].at;
}

static const struct row *projected;
static size_t n_projected;

static int begin_list(struct tabular *, const struct listing *)
{
	return 0;
}

static int check_record(struct tabular *, const struct cell *cells)
{
	n_projected++;
	for (enum field_id f = 0; f < F_MAX; f++) {
		struct val v;
		bool is_there = field_get(projected, f, &v);

		CHECK(cells[f].is_there == is_there);
		if (!is_there)
			continue;
		CHECK(cells[f].val.kind == v.kind);
		if (v.kind == VAL_STR)
			CHECK(sv_eq(cells[f].val.s, v.s));
		else if (v.kind != VAL_OWNERS)
			CHECK(cells[f].val.u == v.u);
	}
	return 0;
}

static struct sink *project_all(void)
{
	static const struct tabular_ops ops = { .list = begin_list, .record = check_record };
	static struct tabular checker = { &ops };
	static struct column columns[F_MAX];
	static const struct listing l = { .name = "sockets", .columns = columns, .n = F_MAX };
	struct sink *ret;

	for (enum field_id f = 0; f < F_MAX; f++)
		columns[f] = column_of_field(f);
	CHECK(project_new(&l, NULL, &checker, &ret) == 0);
	return ret;
}

static void check_projected(const struct row *row)
{
	projected = row;
	CHECK(project->ops->row(project, row) == 0);
}

static void check_whole(const struct any_view *v, const uint8_t *message, uint32_t len, struct row *ret)
{
	static uint8_t copy[MESSAGE_MAX];

	CHECK(len <= sizeof(copy));
	memcpy(copy, message, len);
	CHECK(!row_open(ret, v->family, &v->origin, (const struct nlmsghdr *)(const void *)copy));
	CHECK(row_has(ret, (enum seg)v->family->msg));
	if (ret->n_unknown)
		fprintf(stderr, "%s: attribute %u in %u is not known\n", v->family->name,
			ret->unknown[0].type, ret->unknown[0].nest);
	CHECK(!ret->n_unknown);
	CHECK(any_use(ret, sink) > 0);
	check_projected(ret);
}

/* What was opened by what was learnt of the messages before, of all kinds, is the same. */
static void check_alike(const struct any_view *v, const struct nlmsghdr *message)
{
	static struct layouts known;
	struct row one, other;
	int r = row_open(&one, v->family, &v->origin, message);

	CHECK(row_open_alike(&other, &known, v->family, &v->origin, message) == r);
	CHECK(segs_eq(&one.have, &other.have) && one.n_unknown == other.n_unknown && other.msg == message);
	for (enum seg s = 0; s < SEG_MAX; s++)
		CHECK(!row_has(&one, s) || (one.seg[s] == other.seg[s] && one.len[s] == other.len[s]));
}

/* The same with a byte that is another one. */
static void check_alike_flipped(const struct any_view *v, const uint8_t *message, uint32_t len)
{
	for (uint32_t at = NLMSG_HDRLEN; at < len; at++) {
		uint8_t *p = guard - len + at;

		check_alike(v, place(message, len));
		*p ^= (uint8_t)(1 << at % 8);
		check_alike(v, (const struct nlmsghdr *)(const void *)(guard - len));
	}
}

static void check_cut(const struct any_view *v, const struct nlmsghdr *message, const struct row *whole)
{
	struct row cut;
	int r = row_open(&cut, v->family, &v->origin, message);

	CHECK(r == 0 || r == -EBADMSG);
	n_cuts++;
	for (enum field_id f = 0; f < F_MAX; f++)
		if (is_in_same_place(&cut, whole, f))
			check_same(&cut, f);
	if (!row_has(&cut, (enum seg)v->family->msg))
		return;
	if (n_cuts % 5 == 0)
		check_projected(&cut);
	if (n_cuts % 7 == 0)
		sink->ops->row(sink, &cut);
}

static void check_cuts(const struct any_view *v, const uint8_t *message, uint32_t len, uint32_t step)
{
	struct row whole;

	check_whole(v, message, len, &whole);
	look_up(&whole);
	for (uint32_t n = NLMSG_HDRLEN; n <= len; n += step) {
		check_cut(v, place(message, n), &whole);
		check_alike(v, place(message, n));
	}
	if (step == STEP)
		check_alike_flipped(v, message, len);
	CHECK(sink->ops->end(sink) == 0);
}

/*
 * Messages of one length in one file are made of the same attributes: the first is cut everywhere,
 * a second here and there. Returns the distance from cut to cut, 0: no more.
 */
static uint32_t find_step(uint8_t *seen, uint32_t len)
{
	uint8_t n = seen[len % MESSAGE_MAX]++;

	return n == 0 ? STEP : n == 1 ? LATER_STEP : 0;
}

static void check_file(const char *path)
{
	static uint8_t seen[MESSAGE_MAX];
	bool is_tipc = strstr(path, "/tipc.") != NULL;
	static uint8_t bytes[1 << 20];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, bytes, sizeof(bytes));
	struct nlmsghdr head;
	uint32_t step;

	memset(seen, 0, sizeof(seen));
	CHECK(n > 0 && (size_t)n < sizeof(bytes));
	(void)close(fd);
	for (size_t at = 0; at + sizeof(head) <= (size_t)n; at += NLMSG_ALIGN(head.nlmsg_len)) {
		memcpy(&head, bytes + at, sizeof(head));
		CHECK(head.nlmsg_len >= sizeof(head) && head.nlmsg_len <= (size_t)n - at);
		if (head.nlmsg_type < NLMSG_MIN_TYPE || head.nlmsg_len == sizeof(head))
			continue;
		step = find_step(seen, head.nlmsg_len);
		if (!step)
			continue;
		n_messages++;
		for (size_t i = 0; i < ARRAY_SIZE(any_views); i++) {
			const struct any_view *v = &any_views[i];
			uint8_t af = is_tipc ? 0 : bytes[at + sizeof(head)];

			if (v->af[0] == af || (v->af[1] && v->af[1] == af))
				check_cuts(v, bytes + at, head.nlmsg_len, step);
		}
	}
}

/* Attributes of a newer kernel are kept, as many as there is room for, and all are counted. */
static void check_unknown(void)
{
	static union {
		struct nlmsghdr head;
		uint8_t bytes[NLMSG_HDRLEN + sizeof(struct k_xdp_diag_msg) + 20 * 8];
	} m;
	const struct seg_dump origin = { .table = TABLE_XDP };
	static const uint8_t abc[3] = { 'a', 'b', 'c' };
	struct row row;

	m.head.nlmsg_len = sizeof(m);
	for (uint16_t i = 0; i < 20; i++) {
		struct nlattr a = { .nla_len = 7, .nla_type = (uint16_t)(100 + i) };
		uint8_t *at = m.bytes + NLMSG_HDRLEN + sizeof(struct k_xdp_diag_msg) + i * (size_t)8;

		memcpy(at, &a, sizeof(a));
		memcpy(at + NLA_HDRLEN, abc, sizeof(abc));
	}
	CHECK(!row_open(&row, &family_xdp, &origin, &m.head));
	CHECK(row.n_unknown == 20);
	CHECK(row.unknown[0].type == 100 && row.unknown[15].type == 115);
	CHECK(row.unknown[3].len == 3 && !memcmp(row.unknown[3].p, abc, 3));
	CHECK(row.unknown[3].nest == NEST_NONE);
	m.head.nlmsg_len = NLMSG_HDRLEN + sizeof(struct k_xdp_diag_msg);
	CHECK(!row_open(&row, &family_xdp, &origin, &m.head));
	CHECK(row.n_unknown == 0);
}

/* In a nest too, with the nest's type. */
static void check_unknown_nested(void)
{
	static union {
		struct nlmsghdr head;
		uint8_t bytes[NLMSG_HDRLEN + 12];
	} m = { .head = { .nlmsg_len = sizeof(m) } };
	const struct nlattr nest = { .nla_len = 12, .nla_type = K_TIPC_NLA_SOCK | NLA_F_NESTED };
	const struct nlattr inner = { .nla_len = 8, .nla_type = 77 };
	const struct seg_dump origin = { .table = TABLE_TIPC };
	struct row row;

	memcpy(m.bytes + NLMSG_HDRLEN, &nest, sizeof(nest));
	memcpy(m.bytes + NLMSG_HDRLEN + NLA_HDRLEN, &inner, sizeof(inner));
	CHECK(!row_open(&row, &family_tipc, &origin, &m.head));
	CHECK(row.n_unknown == 1);
	CHECK(row.unknown[0].type == 77 && row.unknown[0].nest == K_TIPC_NLA_SOCK);
	CHECK(!row_has(&row, SEG_TIPC_AF));
}

int main(void)
{
	const struct classic_opts o = { .show = ANY_SHOW_ALL & ~(uint32_t)SHOW_NUMERIC, .names = &any_names };
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct out out;
	glob_t files;

	CHECK(fd >= 0 && !out_init(&out, fd) && !classic_new(&o, &out, &sink));
	project = project_all();
	make_guard();
	CHECK(!glob(TESTS_DIR "/golden/corpus/*/*.bin", 0, NULL, &files));
	for (size_t i = 0; i < files.gl_pathc; i++)
		check_file(files.gl_pathv[i]);
	globfree(&files);
	check_unknown();
	check_unknown_nested();
	(void)classic_free(sink);
	(void)project_free(project);
	CHECK(!out_done(&out));
	(void)close(fd);
	printf("%zu messages, %zu cuts, %zu fields\n", n_messages, n_cuts, n_fields);
	CHECK(n_messages > 500 && n_projected > n_messages);
	return 0;
}
