/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "bpf/ring.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

/* In the kernel's head of a record: it is being written, or was given up. And the head's length. */
#define BUSY (UINT32_C(1) << 31)
#define DISCARDED (UINT32_C(1) << 30)
enum { HEAD = 8 };

struct ring {
	size_t page, size;
	uint64_t *mine;         /* up to where all was given back: the page that only we write */
	const uint64_t *theirs; /* up to where records were begun; the records follow, twice */
	const uint8_t *data;
	uint64_t end; /* what .theirs was when it was read last */
	int epoll;
};

struct ring *ring_close(struct ring *r)
{
	if (!r)
		return NULL;
	if (r->mine)
		(void)munmap(r->mine, r->page);
	if (r->theirs)
		(void)munmap((void *)(uintptr_t)r->theirs, r->page + 2 * r->size);
	if (r->epoll >= 0)
		(void)close(r->epoll);
	free(r);
	return NULL;
}

static int map(struct ring *r, int fd)
{
	void *mine = mmap(NULL, r->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), *theirs;

	if (mine == MAP_FAILED)
		return -errno;
	r->mine = mine;
	theirs = mmap(NULL, r->page + 2 * r->size, PROT_READ, MAP_SHARED, fd, (off_t)r->page);
	if (theirs == MAP_FAILED)
		return -errno;
	r->theirs = theirs;
	r->data = (const uint8_t *)theirs + r->page;
	return 0;
}

int ring_open(int fd, size_t size, struct ring **ret, struct err *e)
{
	struct epoll_event woken = { .events = EPOLLIN | EPOLLET };
	_cleanup_(ring_closep) struct ring *r = calloc(1, sizeof(*r));
	int k = -ENOMEM;

	if (r) {
		r->page = (size_t)sysconf(_SC_PAGESIZE);
		r->size = size;
		r->epoll = epoll_create1(EPOLL_CLOEXEC);
		k = r->epoll < 0 ? -errno : map(r, fd);
	}
	if (k == 0 && epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &woken) < 0)
		k = -errno;
	if (k < 0)
		return err_sys(e, k, "BPF ring buffer");
	*ret = take_ptr(r);
	return 0;
}

int ring_fd(const struct ring *r)
{
	return r->epoll;
}

void ring_calm(const struct ring *r)
{
	struct epoll_event woken;

	(void)epoll_wait(r->epoll, &woken, 1, 0);
}

uint64_t ring_first(const struct ring *r)
{
	return *r->mine;
}

const void *ring_next(struct ring *r, uint64_t *at, size_t *ret_len)
{
	for (;;) {
		const uint8_t *p = r->data + (*at & (r->size - 1));
		uint32_t head;

		if (*at >= r->end)
			r->end = __atomic_load_n(r->theirs, __ATOMIC_ACQUIRE);
		if (*at >= r->end)
			return NULL;
		head = __atomic_load_n((const uint32_t *)(const void *)p, __ATOMIC_ACQUIRE);
		if (head & BUSY)
			return NULL;
		*ret_len = head & ~DISCARDED;
		*at += (HEAD + *ret_len + 7) & ~UINT64_C(7);
		if (!(head & DISCARDED))
			return p + HEAD;
	}
}

void ring_give_back(struct ring *r, uint64_t at)
{
	__atomic_store_n(r->mine, at, __ATOMIC_RELEASE);
}
