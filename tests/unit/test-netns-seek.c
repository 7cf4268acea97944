/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Namespaces that no process is in: as listns(2) tells them, by calls that are made up and descriptors of
 * anything, since only their numbers count; and real ones, which take root.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "enrich/getfd.h"
#include "enrich/netns_seek.h"

enum { MANY = 300, ASKED_MOST = 16 };

static uint32_t number_of(int fd)
{
	struct stat st;

	CHECK(fstat(fd, &st) == 0);
	return (uint32_t)st.st_ino;
}

/* Files that stand for namespaces: that with the number 10 i is the file @i. */
static int files[MANY];
static size_t n_listed, n_asked;
static long list_fails;

static long list_made_up(uint64_t after, uint64_t *ret, size_t n)
{
	size_t found = 0;

	CHECK(++n_asked <= ASKED_MOST);
	if (list_fails)
		return list_fails;
	for (size_t i = 0; i < n_listed && found < n; i++)
		if (10 * (i + 1) > after)
			ret[found++] = 10 * (i + 1);
	return (long)found;
}

static int open_made_up(uint64_t id, uint32_t ino)
{
	CHECK(!ino && id % 10 == 0 && id / 10 <= n_listed);
	return id == 20 ? -ESTALE : dup(files[id / 10 - 1]);
}

/* Says the same again whatever it is asked, as no kernel does. */
static long list_in_circles(uint64_t, uint64_t *ret, size_t n)
{
	CHECK(++n_asked <= ASKED_MOST);
	for (size_t i = 0; i < n; i++)
		ret[i] = 10;
	return (long)n;
}

static struct netns_list *list_of_processes(void)
{
	struct netns_list *l;
	struct err e;

	CHECK(netns_list_new(NULL, &l, &e) == 0);
	return l;
}

/* Returns how many were found. */
static size_t seek(struct netns_list *l, const struct netns_calls *calls, enum procs_way way)
{
	size_t before = l->n;
	struct err e;

	n_asked = 0;
	CHECK(netns_seek(l, &(const struct netns_seek){ calls, way }, &e) == 0);
	for (size_t i = 0; i < l->n; i++)
		CHECK(netns_find(l, l->v[i].ino) == i && l->v[i].name);
	return l->n - before;
}

/* Which of them are in @l: others may hold some here by sockets. */
static size_t count_files(const struct netns_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < MANY; i++)
		n += netns_find(l, number_of(files[i])) < l->n;
	return n;
}

static void test_listed(void)
{
	static const struct {
		size_t n, found;
		long fails;
	} cases[] = { { 0, 0, 0 },     { 1, 1, 0 },     { 3, 2, 0 },       { 256, 255, 0 },
		      { 257, 256, 0 }, { 300, 299, 0 }, { 3, 0, -ENOSYS }, { 3, 0, -EPERM } };
	static const struct netns_calls calls = { list_made_up, open_made_up };
	static const struct netns_calls circles = { list_in_circles, open_made_up };

	for (size_t i = 0; i < MANY; i++)
		CHECK((files[i] = memfd_create("namespace", MFD_CLOEXEC)) >= 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(netns_list_freep) struct netns_list *l = list_of_processes();

		n_listed = cases[i].n;
		list_fails = cases[i].fails;
		for (int twice = 0; twice < 2; twice++) {
			(void)seek(l, &calls, PROCS_PROC);
			CHECK(count_files(l) == cases[i].found);
		}
		CHECK(netns_find(l, number_of(files[1])) == l->n); /* it cannot be opened */
	}
	list_fails = 0;
	n_listed = 1;
	_cleanup_(netns_list_freep) struct netns_list *l = list_of_processes();

	(void)seek(l, &circles, PROCS_PROC);
	CHECK(count_files(l) == 1);
	for (size_t i = 0; i < MANY; i++)
		(void)close(files[i]);
}

static long list_nothing(uint64_t, uint64_t *, size_t)
{
	return -ENOSYS;
}

static int open_nothing(uint64_t, uint32_t)
{
	return -ESTALE;
}

/* Leaves a socket in a namespace of its own, and comes home. Returns whether it may. */
static bool leave_socket(int *ret_socket, uint32_t *ret_ino)
{
	_cleanup_close_ int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there = -1;

	if (home < 0 || unshare(CLONE_NEWNET) < 0)
		return false;
	there = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	*ret_ino = number_of(there);
	CHECK((*ret_socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0);
	CHECK(setns(home, CLONE_NEWNET) == 0);
	return true;
}

/* Whether the socket @fd of this process can be had a second time. */
static bool has_getfd(int fd)
{
	_cleanup_(getfd_freep) struct getfd *g = getfd_new();
	struct owner self = { .pid = (uint32_t)getpid(), .fd = (uint32_t)fd };
	const struct owners all = { .v = &self, .n = 1 };
	_cleanup_close_ int again = getfd_of(g, &all, number_of(fd));

	return again >= 0;
}

static void test_held_by_a_socket(void)
{
	static const struct netns_calls none = { list_nothing, open_nothing };
	static const struct {
		const struct netns_calls *calls;
		enum procs_way way;
	} cases[] = { { &none, PROCS_PROC },
		      { &none, PROCS_AUTO },
		      { &none, PROCS_BPF },
		      { &netns_calls_live, PROCS_BPF } };
	uint32_t ino;
	int held;

	if (!leave_socket(&held, &ino)) {
		printf("no namespace can be made here: %s\n", strerror(errno));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases) && has_getfd(held); i++) {
		_cleanup_(netns_list_freep) struct netns_list *l = list_of_processes();
		size_t at;

		CHECK(netns_find(l, ino) == l->n);
		CHECK(seek(l, cases[i].calls, cases[i].way) >= 1);
		at = netns_find(l, ino);
		CHECK(at < l->n && number_of(l->v[at].fd) == ino);
	}
	(void)close(held);
}

int main(void)
{
	test_listed();
	test_held_by_a_socket();
	return 0;
}
