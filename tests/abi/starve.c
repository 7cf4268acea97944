/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: starve RECORDING
 *
 * Fails each allocation in turn that using the library makes. It has to come through, and must not call an
 * answer complete that lacks something. Says on standard output what was wrong, and exits with 1 then.
 */

#include <errno.h>
#include <netinet/in.h>
#include <sockeye.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static atomic_ulong count;
static unsigned long which; /* allocation that fails; 0: none */

static int fails(void)
{
	return which && atomic_fetch_add(&count, 1) + 1 == which;
}

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

void *malloc(size_t n)
{
	return fails() ? no_memory() : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? no_memory() : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return fails() ? no_memory() : __libc_realloc(p, n);
}

/* What one use of the library gave. */
struct used {
	int r;       /* of the first call that failed */
	int is_told; /* a note of an error, or a value that could not be made */
	unsigned int n_rows, n_formatted;
	uint64_t n_counted, n_recorded;
	char text[256]; /* why it failed */
};

static sockeye_field name, peer;

static int see_row(const sockeye_row *row, void *arg)
{
	struct used *u = arg;
	char buf[256];
	int r = sockeye_format(row, peer, SOCKEYE_PLAIN, buf, sizeof(buf));

	u->n_rows++;
	u->n_formatted += r > 0;
	u->is_told |= r == -ENOMEM;
	r = sockeye_format(row, name, SOCKEYE_HUMAN, buf, sizeof(buf));
	u->n_formatted += r > 0;
	u->is_told |= r == -ENOMEM;
	return 0;
}

static int see_group(const sockeye_row *keys, uint64_t n, void *arg)
{
	struct used *u = arg;

	(void)keys;
	u->n_counted += n;
	return 0;
}

static int see_recorded(const sockeye_row *row, void *arg)
{
	(void)row;
	((struct used *)arg)->n_recorded++;
	return 0;
}

static void look_at_notes(const sockeye_query *q, struct used *u)
{
	enum sockeye_level level;

	for (size_t i = 0; sockeye_note(q, i, &level); i++)
		u->is_told |= level == SOCKEYE_ERROR;
}

static void use_query(sockeye_query *q, const char *uri, struct used *u)
{
	(void)sockeye_query_want(q, name);
	(void)sockeye_query_want(q, peer);
	u->r = sockeye_run(q, see_row, u);
	look_at_notes(q, u);
	if (u->r == 0) {
		u->r = sockeye_count(q, "process.name,state,peer.addr/24", see_group, u);
		look_at_notes(q, u);
	}
	if (u->r == 0)
		u->r = sockeye_query_source(q, uri);
	if (u->r == 0) {
		u->r = sockeye_run(q, see_recorded, u);
		look_at_notes(q, u);
	}
}

static void use(const char *uri, struct used *u)
{
	sockeye *s = sockeye_new();
	sockeye_query *q = NULL;

	memset(u, 0, sizeof(*u));
	u->r = s ? sockeye_query_new(s, "tcp state all", "sport = :http or src 127.0.0.0/8 or dst [::]", &q)
		 : -ENOMEM;
	if (u->r == 0)
		use_query(q, uri, u);
	snprintf(u->text, sizeof(u->text), "%s", s ? sockeye_errmsg(s) : "out of memory");
	sockeye_query_free(q);
	sockeye_free(s);
}

static int is_same(const struct used *a, const struct used *b)
{
	return a->n_rows == b->n_rows && a->n_formatted == b->n_formatted && a->n_counted == b->n_counted &&
	       a->n_recorded == b->n_recorded;
}

static int make_listener(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, 1) == 0 ? 0 : -1;
}

/* So many that the tables of owners grow, on a machine without other processes too. */
static int hold_others(void)
{
	for (int i = 0; i < 300; i++)
		if (socket(AF_INET, SOCK_DGRAM, 0) < 0)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	struct used whole, u;
	char uri[4096];
	int n_failed = 0;

	if (argc != 2 || make_listener() < 0 || hold_others() < 0 ||
	    sockeye_field_find("process.name", &name) < 0 || sockeye_field_find("peer.addr", &peer) < 0)
		return 2;
	snprintf(uri, sizeof(uri), "file:%s", argv[1]);
	use(uri, &whole);
	if (whole.r != 0 || whole.n_rows != 1 || whole.n_counted != 1 || !whole.n_recorded) {
		printf("without a failure: %d %s\n", whole.r, whole.text);
		return 1;
	}
	do {
		atomic_store(&count, 0);
		which++;
		use(uri, &u);
		if (u.r < 0 ? !u.text[0] : !u.is_told && !is_same(&u, &whole)) {
			printf("allocation %lu: %d \"%s\", %u rows, %u formatted, %lu counted, %lu "
			       "recorded\n",
			       which, u.r, u.text, u.n_rows, u.n_formatted, (unsigned long)u.n_counted,
			       (unsigned long)u.n_recorded);
			n_failed++;
		}
	} while (atomic_load(&count) >= which);
	if (which < 20)
		printf("only %lu allocations were seen\n", which);
	return n_failed || which < 20;
}
