/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* A recording gives back what was put into it, in its order and bit by bit, whatever that was. */

#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "check.h"
#include "history/block.h"
#include "history/store.h"
#include "kernel/abi.h"
#include "random.h"

enum {
	SECOND = 1000000,
	SOCKETS = 40,
	WORDS = 120,
	FACTS = 6,
	SAMPLES_MAX = 400,
	INFO = NLMSG_HDRLEN + sizeof(struct inet_diag_msg) + NLA_HDRLEN, /* offset of struct tcp_info */
};

#ifdef __SANITIZE_ADDRESS__
enum { SHORT_ONES = 24 }; /* a few times what becomes one */
#else
enum { SHORT_ONES = 80 };
#endif

/* A socket as it is, or was in a sample. */
struct socket {
	uint64_t key;
	uint32_t table, netns;
	union {
		uint32_t word[WORDS];
		struct nlmsghdr msg;
	};
};

struct wanted {
	struct store_time at;
	size_t n;
	struct socket socket[SOCKETS + 1];
	char fact[FACTS][16]; /* "": there is none */
};

static char folder[] = "/tmp/sockeye-history-XXXXXX";
static char path[sizeof(folder) + 32];
static struct wanted wanted[SAMPLES_MAX];
static size_t n_wanted;
static struct wanted now; /* the machine */

static void set_word(struct socket *s, size_t offset, uint32_t v)
{
	memcpy((uint8_t *)s->word + offset, &v, sizeof(v));
}

static uint32_t get_word(const struct socket *s, size_t offset)
{
	uint32_t v;

	memcpy(&v, (const uint8_t *)s->word + offset, sizeof(v));
	return v;
}

/* A socket as the kernel tells of one of TCP. */
static void make_tcp(struct socket *s)
{
	struct inet_diag_msg inet = { .idiag_family = AF_INET, .idiag_state = 1 };
	struct nlattr info = { .nla_len = NLA_HDRLEN + sizeof(struct k_tcp_info),
			       .nla_type = INET_DIAG_INFO };

	memset(s, 0, sizeof(*s));
	s->key = (uint64_t)pick(1000000) << 12 | pick(4096);
	s->table = 1;
	s->netns = pick(3);
	for (size_t i = 0; i < ARRAY_SIZE(inet.id.idiag_src); i++)
		inet.id.idiag_src[i] = pick(1000);
	memcpy(inet.id.idiag_cookie, &s->key, sizeof(s->key));
	s->msg = (struct nlmsghdr){ .nlmsg_len = INFO + sizeof(struct k_tcp_info),
				    .nlmsg_type = SOCK_DIAG_BY_FAMILY };
	memcpy(s->word + NLMSG_HDRLEN / 4, &inet, sizeof(inet));
	memcpy((uint8_t *)s->word + INFO - NLA_HDRLEN, &info, sizeof(info));
	set_word(s, INFO + offsetof(struct k_tcp_info, tcpi_last_data_sent), 1 + pick(100000));
	set_word(s, INFO + offsetof(struct k_tcp_info, tcpi_last_ack_recv), pick(2) ? 1 + pick(100000) : 0);
}

/* Anything that has the length of a message. */
static void make_odd(struct socket *s)
{
	memset(s, 0, sizeof(*s));
	s->key = pick(2) ? pick(5) : pick(UINT32_MAX);
	s->table = 2 + pick(3);
	for (size_t i = 0; i < WORDS; i++)
		s->word[i] = pick(4) ? 0 : pick(UINT32_MAX);
	s->msg.nlmsg_len = NLMSG_HDRLEN + pick(WORDS * 4 - NLMSG_HDRLEN);
}

static void make_socket(struct socket *s)
{
	if (pick(4))
		make_tcp(s);
	else
		make_odd(s);
}

/* What happens to a socket in @ms. */
static void live(struct socket *s, uint32_t ms)
{
	static const size_t ages[] = { offsetof(struct k_tcp_info, tcpi_last_data_sent),
				       offsetof(struct k_tcp_info, tcpi_last_ack_recv) };

	if (s->table == 1)
		for (size_t i = 0; i < ARRAY_SIZE(ages); i++)
			if (get_word(s, INFO + ages[i]))
				set_word(s, INFO + ages[i],
					 pick(12) ? get_word(s, INFO + ages[i]) + ms : pick(2));
	if (!pick(6))
		s->word[4 + pick(WORDS - 4)] += pick(3) ? pick(300) : pick(UINT32_MAX);
	if (!pick(60))
		make_odd(s);
	if (!pick(60) && s->table > 1)
		s->msg.nlmsg_len = NLMSG_HDRLEN + pick(WORDS * 4 - NLMSG_HDRLEN);
}

static void change_machine(uint32_t ms)
{
	now.at.wall_us += (uint64_t)ms * 1000 + pick(50);
	now.at.monotonic_us += (uint64_t)ms * 1000 + pick(50);
	for (size_t i = 0; i < now.n; i++)
		live(&now.socket[i], ms + pick(2));
	for (uint32_t k = pick(8); k < 3 && now.n; k++) { /* one is closed, one moves */
		now.socket[pick((uint32_t)now.n)] = now.socket[now.n - 1];
		now.n--;
	}
	while (now.n < SOCKETS && pick(4))
		make_socket(&now.socket[now.n++]);
	if (!pick(40))
		now.n = 0;
	if (!pick(5) && now.n) { /* the same one twice */
		now.socket[now.n] = now.socket[pick((uint32_t)now.n)];
		if (now.n < SOCKETS)
			now.n++;
	}
	for (size_t i = 0; i < FACTS; i++)
		if (!pick(10))
			snprintf(now.fact[i], sizeof(now.fact[i]), "%.*s", (int)pick(3), "ab");
	for (size_t i = 0; i < now.n; i++) {
		now.socket[i].msg.nlmsg_seq = (uint32_t)n_wanted * 2 + (i > 5);
		now.socket[i].msg.nlmsg_pid = pick(50) ? 77 : pick(5);
	}
}

static void begin_file(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)unlink(path);
	n_wanted = 0;
	memset(&now, 0, sizeof(now));
	now.at = (struct store_time){ UINT64_C(1700000000) * SECOND, UINT64_C(3600) * SECOND };
}

static struct store_writer *open_writer(const struct store_opts *o)
{
	struct store_writer *w = NULL;
	struct err e;
	int r = store_write(path, o, &w, &e);

	if (r == -ENOSYS) {
		fprintf(stderr, "%s\n", e.text);
		exit(77);
	}
	CHECK(!r);
	return w;
}

static void put_now(struct store_writer *w)
{
	CHECK(!store_begin(w, now.at, NULL));
	for (size_t i = 0; i < now.n; i++) {
		const struct socket *s = &now.socket[i];

		CHECK(!store_put(w, &(struct store_message){ s->key, s->table, s->netns, &s->msg }));
	}
	for (uint8_t i = 0; i < FACTS; i++)
		if (now.fact[i][0])
			CHECK(!store_put_fact(w, i % 2, sv_n(&i, 1), sv(now.fact[i])));
}

/* Takes @n samples, about @ms apart. */
static void record(struct store_writer *w, size_t n, uint32_t ms)
{
	while (n--) {
		struct err e;

		CHECK(n_wanted < SAMPLES_MAX);
		change_machine(ms);
		put_now(w);
		if (store_end(w, &e) < 0) {
			fprintf(stderr, "%s\n", e.text);
			abort();
		}
		wanted[n_wanted++] = now;
	}
}

static void check_facts(const struct store_reader *r, const struct wanted *want)
{
	for (uint8_t i = 0; i < FACTS; i++) {
		struct sv v = store_fact(r, i % 2, sv_n(&i, 1));

		CHECK(want->fact[i][0] ? sv_is(v, want->fact[i]) : !v.p);
	}
	CHECK(!store_fact(r, 7, sv("x")).p);
	for (uint8_t kind = 0; kind < 3; kind++) {
		struct sv key, value;
		size_t at = 0, n = 0;

		for (size_t i = kind; i < FACTS && kind < 2; i += 2)
			n += want->fact[i][0] != '\0';
		for (; store_next_fact(r, kind, &at, &key, &value); n--)
			CHECK(sv_is(value, want->fact[(size_t)key.p[0]]));
		CHECK(!n);
	}
}

static void check_sample(struct store_reader *r, size_t i, const struct wanted *want)
{
	struct store_message m;
	size_t at = 0, n = 0;
	struct err e;

	if (store_seek(r, i, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	CHECK(store_time_of(r, i).wall_us == want->at.wall_us);
	CHECK(store_time_of(r, i).monotonic_us == want->at.monotonic_us);
	while (store_next(r, &at, &m)) {
		const struct socket *s = &want->socket[n++];

		CHECK(n <= want->n && m.key == s->key && m.table == s->table && m.netns == s->netns);
		CHECK(m.msg->nlmsg_len == s->msg.nlmsg_len && !memcmp(m.msg, &s->msg, s->msg.nlmsg_len));
	}
	CHECK(n == want->n);
	check_facts(r, want);
}

/* All samples from the @from-th on are there; @from is what was dropped. Returns a reader of them. */
static struct store_reader *check_all(size_t from)
{
	struct store_reader *r = NULL;

	CHECK(!store_open(path, &r, NULL));
	CHECK(store_n_samples(r) == n_wanted - from);
	for (size_t i = from; i < n_wanted; i++)
		check_sample(r, i - from, &wanted[i]);
	for (size_t k = 0; k < 20 && n_wanted > from; k++) {
		size_t i = pick((uint32_t)(n_wanted - from));

		check_sample(r, i, &wanted[from + i]);
	}
	CHECK(!store_n_damages(r));
	return r;
}

static void check_and_close(void)
{
	(void)store_reader_free(check_all(0));
}

static off_t size_of_file(void)
{
	struct stat st;

	CHECK(!stat(path, &st) && S_ISREG(st.st_mode) && (st.st_mode & 0777) == 0600);
	return st.st_size;
}

/* As a service and from cron, with and without an end. */
static void check_round_trip(void)
{
	static const uint32_t steps[] = { 100, 1000, 7000, 600000 };

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct store_opts o = {};
		struct store_writer *w;

		begin_file("trip");
		w = open_writer(&o);
		record(w, 1, steps[i]);
		check_and_close(); /* it is on disk before the second is taken */
		record(w, 149, steps[i]);
		CHECK(!store_sync(w, NULL));
		check_and_close();
		CHECK(!store_close(w, NULL));
		check_and_close();
		for (size_t k = 0; k < SHORT_ONES; k++) {
			w = open_writer(&o);
			record(w, 1, steps[i]);
			CHECK(!store_close(w, NULL));
		}
		check_and_close();
		w = open_writer(&o);
		record(w, 100, steps[i]);
		CHECK(!store_close(w, NULL));
		check_and_close();
	}
}

/* What was begun and not ended is as if it was not. */
static void check_not_ended(void)
{
	struct store_opts o = {};
	struct store_writer *w;

	begin_file("not-ended");
	w = open_writer(&o);
	record(w, 3, 1000);
	change_machine(1000);
	put_now(w);
	CHECK(!store_begin(w, now.at, NULL));
	CHECK(store_put(w, &(struct store_message){ .msg = &(struct nlmsghdr){ .nlmsg_len = 15 } }) ==
	      -EMSGSIZE);
	record(w, 3, 1000);
	change_machine(1000);
	put_now(w);
	CHECK(!store_close(w, NULL));
	check_and_close();
}

/* Neither more bytes nor older samples are there than are to be kept, at any time. */
static void check_keep(void)
{
	struct store_opts by_bytes = { .keep_bytes = 64 << 10 },
			  by_age = { .keep_us = UINT64_C(20) * SECOND };
	struct store_writer *w;
	struct store_reader *r;
	size_t n;

	begin_file("keep");
	w = open_writer(&by_bytes);
	while (n_wanted < SAMPLES_MAX) {
		record(w, 1, 1000);
		CHECK(size_of_file() <= (off_t)by_bytes.keep_bytes);
	}
	CHECK(!store_close(w, NULL));
	CHECK(size_of_file() > (off_t)by_bytes.keep_bytes / 4);
	CHECK(!store_open(path, &r, NULL));
	n = store_n_samples(r);
	CHECK(n > 10 && n < SAMPLES_MAX);
	(void)store_reader_free(r);
	(void)store_reader_free(check_all(n_wanted - n));

	by_bytes.keep_bytes /= 2; /* less than before */
	w = open_writer(&by_bytes);
	CHECK(size_of_file() <= (off_t)by_bytes.keep_bytes);
	CHECK(!store_close(w, NULL));

	begin_file("age");
	w = open_writer(&by_age);
	record(w, 300, 1000);
	CHECK(!store_close(w, NULL));
	CHECK(!store_open(path, &r, NULL));
	n = store_n_samples(r);
	CHECK(n >= 20 && n <= 24); /* and what is in a block with them */
	(void)store_reader_free(r);
	(void)store_reader_free(check_all(n_wanted - n));
}

/* A sample that is larger than what is to be kept is an error, and what is there stays. */
static void check_too_large(void)
{
	struct store_opts o = { .keep_bytes = 1024 };
	struct store_writer *w;
	struct err e;
	int r = 0;

	begin_file("large");
	w = open_writer(&o);
	for (int i = 0; i < 100 && !r; i++) {
		change_machine(60000);
		put_now(w);
		r = store_end(w, &e);
		CHECK(size_of_file() <= 1024);
	}
	CHECK(r == -EFBIG && strstr(e.text, "more than are to be kept"));
	CHECK(store_close(w, &e) == -EFBIG);
}

/* Nothing goes for the sake of a sample that would not have room even so. */
static void check_too_large_later(void)
{
	struct store_opts o = { .keep_bytes = 256 << 10 };
	struct store_writer *w;
	struct err e;

	begin_file("later");
	w = open_writer(&o);
	record(w, 20, 60000);
	CHECK(!store_close(w, NULL));
	w = open_writer(&o);
	now.at.wall_us += SECOND;
	now.at.monotonic_us += SECOND;
	CHECK(!store_begin(w, now.at, NULL));
	for (size_t i = 0; i < 4000; i++) {
		struct socket s;

		make_odd(&s);
		for (size_t k = NLMSG_HDRLEN / 4; k < WORDS; k++)
			s.word[k] = pick(UINT32_MAX);
		s.msg.nlmsg_len = sizeof(s.word);
		s.key = i;
		CHECK(!store_put(w, &(struct store_message){ s.key, s.table, s.netns, &s.msg }));
	}
	CHECK(store_end(w, &e) == -EFBIG && strstr(e.text, "more than are to be kept"));
	CHECK(store_close(w, &e) == -EFBIG);
	(void)store_reader_free(check_all(0));
}

static void expect_refusal(int want, const char *words)
{
	struct store_opts o = {};
	struct store_writer *w = NULL;
	struct err e = {};

	CHECK(store_write(path, &o, &w, &e) == want);
	if (!strstr(e.text, words))
		fprintf(stderr, "%s\n", e.text);
	CHECK(strstr(e.text, words));
}

static void write_file(const void *p, size_t n)
{
	FILE *f = fopen(path, "we");

	CHECK(f && (!n || fwrite(p, n, 1, f) == 1) && !fclose(f) && !chmod(path, 0600));
}

/* What is no recording, or not ours, is refused and stays as it is. */
static void check_refusals(void)
{
	static const char text[] =
		"This is a letter, in which nothing about sockets is to be found, though it is long.\n"
		"It has a second line as well, and that is all.";
	struct store_opts o = {};
	struct store_writer *w, *second = NULL;
	struct store_reader *r = NULL;
	struct err e;
	char other[sizeof(path) + 8];
	uint8_t head[64];
	FILE *f;

	begin_file("refused");
	write_file(text, sizeof(text));
	expect_refusal(-EBADMSG, "this is not a recording");
	CHECK(store_open(path, &r, &e) == -EBADMSG && size_of_file() == sizeof(text));
	write_file(text, 10);
	expect_refusal(-EBADMSG, "this is not a recording");
	CHECK(store_open(path, &r, &e) == -EBADMSG);
	write_file(text, 0); /* mktemp makes it */
	CHECK(store_open(path, &r, &e) == -EBADMSG && strstr(e.text, "is empty"));
	w = open_writer(&o);
	CHECK(store_write(path, &o, &second, &e) == -EBUSY && strstr(e.text, "another program"));
	record(w, 2, 1000);
	CHECK(!store_close(w, NULL));
	check_and_close();

	snprintf(other, sizeof(other), "%s.link", path);
	CHECK(!symlink(path, other));
	CHECK(store_write(other, &o, &second, &e) == -ELOOP && strstr(e.text, "symbolic link"));
	(void)unlink(other);
	CHECK(!mkfifo(other, 0600));
	CHECK(store_write(other, &o, &second, &e) == -EBADMSG);
	CHECK(store_open(other, &r, &e) == -EBADMSG);
	(void)unlink(other);
	CHECK(store_write(folder, &o, &second, &e) == -EISDIR);
	CHECK(store_open("/nonexistent/x", &r, &e) == -ENOENT);

	f = fopen(path, "r+e");
	CHECK(f && fread(head, sizeof(head), 1, f) == 1);
	head[8] = 9;
	block_sum_file_head(head);
	rewind(f);
	CHECK(fwrite(head, sizeof(head), 1, f) == 1 && !fclose(f));
	expect_refusal(-EBADMSG, "format 9");
	CHECK(store_open(path, &r, &e) == -EBADMSG && strstr(e.text, "reads up to format 1"));
}

/* A reader sees what is written after it was opened, and what is dropped is not taken for something else. */
static void check_beside(void)
{
	struct store_opts o = { .keep_bytes = 48 << 10 };
	struct store_reader *r = NULL;
	struct store_writer *w;
	size_t n;

	begin_file("beside");
	w = open_writer(&o);
	record(w, 1, 1000);
	CHECK(!store_open(path, &r, NULL));
	CHECK(store_n_samples(r) == 1);
	check_sample(r, 0, &wanted[0]);
	record(w, 20, 6000);
	check_sample(r, 0, &wanted[0]);
	CHECK(!store_refresh(r, NULL));
	CHECK(store_n_samples(r) == 21);
	check_sample(r, 20, &wanted[20]);
	record(w, 300, 6000);
	n = store_n_samples(r);
	for (size_t i = 0; i < n; i++) {
		int got = store_seek(r, i, NULL);

		CHECK(!got || got == -ESTALE);
		if (!got)
			check_sample(r, i, &wanted[i]);
	}
	CHECK(!store_refresh(r, NULL));
	n = n_wanted - store_n_samples(r);
	CHECK(n > 21);
	for (size_t i = n; i < n_wanted; i++)
		check_sample(r, i - n, &wanted[i]);
	(void)store_reader_free(r);
	CHECK(!store_close(w, NULL));
}

/* A recording of a clock that showed each of @second. */
static struct store_reader *clock_of(const uint32_t *second, size_t n)
{
	struct store_opts o = {};
	struct store_reader *r = NULL;
	struct store_writer *w;

	begin_file("clock");
	w = open_writer(&o);
	for (size_t i = 0; i < n; i++) {
		const struct store_time at = { second[i] * (uint64_t)SECOND, (i + 1) * (uint64_t)SECOND };

		CHECK(!store_begin(w, at, NULL) && !store_end(w, NULL));
	}
	CHECK(!store_close(w, NULL) && !store_open(path, &r, NULL));
	CHECK(store_n_samples(r) == n);
	return r;
}

static void check_steps(const struct store_reader *r, uint32_t at, uint32_t step, const size_t *want,
			size_t n)
{
	size_t last = store_n_samples(r) - 1, next = 0;
	uint64_t at_us = at * (uint64_t)SECOND;
	for (size_t k = 0; k < n; k++) {
		size_t i = store_step(r, next, last, step * (uint64_t)SECOND, &at_us);

		CHECK(i == want[k]);
		next = i + 1;
	}
	CHECK(next == last + 1);
}

/* Where the clock was set back, each sample is found, and no step goes back to one that was passed. */
static void check_clock_set_back(void)
{
	static const uint32_t second[] = { 100, 101, 102, 103, 104, 101, 102, 103, 104, 105, 200 };
	static const size_t each[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	static const size_t second_ones[] = { 0, 2, 4, 6, 8, 9, 10 };
	struct store_reader *r = clock_of(second, ARRAY_SIZE(second));
	uint64_t at_us = 5;
	CHECK(store_find_at(r, 99 * SECOND) == ARRAY_SIZE(second));
	CHECK(store_find_at(r, 100 * SECOND) == 0);
	CHECK(store_find_at(r, 102 * SECOND) == 6); /* the last time that it showed this */
	CHECK(store_find_at(r, 150 * SECOND) == 9);
	CHECK(store_find_at(r, 999 * (uint64_t)SECOND) == 10);
	CHECK(store_find_since(r, 0) == 0);
	CHECK(store_find_since(r, 102 * SECOND) == 2);
	CHECK(store_find_since(r, 201 * SECOND) == ARRAY_SIZE(second));
	check_steps(r, 100, 1, each, ARRAY_SIZE(each));
	check_steps(r, 100, 2, second_ones, ARRAY_SIZE(second_ones));
	CHECK(store_step(r, 0, 10, UINT64_MAX, &at_us) == 4 && at_us == UINT64_MAX);
	(void)store_reader_free(r);
}

int main(void)
{
	char command[sizeof(folder) + 16];

	CHECK(mkdtemp(folder));
	check_round_trip();
	check_not_ended();
	check_keep();
	check_too_large();
	check_too_large_later();
	check_refusals();
	check_beside();
	check_clock_set_back();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command); /* NOLINT: a name of our own */
}
