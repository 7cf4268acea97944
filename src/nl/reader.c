/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "nl/reader.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Who waits is woken when half of the ring is his, so that waking is rare. */
enum { RING = 8, HALF = RING / 2 };

struct reader {
	int fd;
	size_t cap;
	char *buf; /* RING of .cap bytes; what is never filled takes no memory */
	pthread_t thread;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	size_t n_read, n_done; /* buffers filled, and given back */
	bool has_ended, must_stop;
	bool is_waiting; /* one of the two; never both */
	ssize_t len[RING];

	bool is_out; /* the caller's: he has a buffer */
};

ssize_t nl_receive(int fd, void *buf, size_t cap, int flags)
{
	struct sockaddr_nl from = {};
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n;

	do { /* what another process sent is no answer */
		n = recvmsg(fd, &msg, flags);
	} while (n >= 0 && msg.msg_namelen == sizeof(from) && from.nl_pid != 0);
	if (n < 0)
		return -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	return msg.msg_namelen == sizeof(from) && from.nl_family == AF_NETLINK ? n : -EBADMSG;
}

/* Whether the thread has to read no further: the answer ends here, or makes no sense. */
static bool is_last(const char *buf, ssize_t len)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)(const void *)buf;
	int left = (int)len;

	if (left <= 0)
		return true;
	for (; left > 0; nlh = mnl_nlmsg_next(nlh, &left)) {
		if (!mnl_nlmsg_ok(nlh, left) || nlh->nlmsg_type == NLMSG_DONE ||
		    nlh->nlmsg_type == NLMSG_ERROR)
			return true;
	}
	return false;
}

static void wait_change(struct reader *r)
{
	r->is_waiting = true;
	(void)pthread_cond_wait(&r->changed, &r->lock);
}

static void wake(struct reader *r)
{
	if (r->is_waiting)
		(void)pthread_cond_signal(&r->changed);
	r->is_waiting = false;
}

static void *read_ahead(void *arg)
{
	struct reader *r = arg;

	(void)pthread_mutex_lock(&r->lock);
	while (!r->has_ended && !r->must_stop) {
		size_t i = r->n_read % RING;
		ssize_t n;

		if (r->n_read - r->n_done == RING) {
			while (r->n_read - r->n_done > HALF && !r->must_stop)
				wait_change(r);
			continue;
		}
		(void)pthread_mutex_unlock(&r->lock);
		n = nl_receive(r->fd, r->buf + i * r->cap, r->cap, MSG_DONTWAIT);
		(void)pthread_mutex_lock(&r->lock);
		r->has_ended = n == -EAGAIN || is_last(r->buf + i * r->cap, n);
		r->len[i] = n;
		r->n_read += n != -EAGAIN;
		if (r->has_ended || r->n_read - r->n_done >= HALF)
			wake(r);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

int reader_next(struct reader *r, const char **ret, ssize_t *ret_len)
{
	bool has_one;

	(void)pthread_mutex_lock(&r->lock);
	r->n_done += r->is_out;
	if (r->n_read - r->n_done == HALF)
		wake(r);
	if (r->n_read == r->n_done) {
		while (r->n_read - r->n_done < HALF && !r->has_ended)
			wait_change(r);
	}
	has_one = r->n_read > r->n_done;
	if (has_one) {
		size_t i = r->n_done % RING;

		*ret = r->buf + i * r->cap;
		*ret_len = r->len[i];
	}
	(void)pthread_mutex_unlock(&r->lock);
	r->is_out = has_one;
	return has_one;
}

static void free_all(struct reader *r)
{
	(void)pthread_cond_destroy(&r->changed);
	(void)pthread_mutex_destroy(&r->lock);
	free(r->buf);
	free(r);
}

struct reader *reader_stop(struct reader *r)
{
	if (!r)
		return NULL;
	(void)pthread_mutex_lock(&r->lock);
	r->must_stop = true;
	wake(r);
	(void)pthread_mutex_unlock(&r->lock);
	(void)pthread_join(r->thread, NULL);
	free_all(r);
	return NULL;
}

static bool has_core(void)
{
	cpu_set_t set;

	return !sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) > 1;
}

struct reader *reader_start(int fd, size_t cap)
{
	struct reader *r = has_core() ? calloc(1, sizeof(*r)) : NULL;
	sigset_t all, old;
	int k;

	if (!r)
		return NULL;
	r->fd = fd;
	r->cap = cap;
	r->buf = malloc(RING * cap);
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->changed, NULL);
	if (!r->buf) {
		free_all(r);
		return NULL;
	}
	/* The signals of the process are not for this thread. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	k = pthread_create(&r->thread, NULL, read_ahead, r);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (k) {
		free_all(r);
		return NULL;
	}
	return r;
}
