/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/reverse.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/progress.h"
#include "base/thread.h"

enum {
	THREADS = 16,
	SECOND_US = 1000000,
	US_NS = 1000,
};

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

struct entry {
	uint8_t addr[16]; /* of IPv4 in IPv6 form */
	bool is_answered;
	unsigned int round; /* in which it was asked for */
	enum reverse_answer answer;
	char *name;
	struct entry *next; /* in the queue, and then among all */
};

/* All of it is under .lock, but for .name of an entry that is answered. */
struct reverse {
	pthread_mutex_t lock;
	pthread_cond_t has_work, has_answer;
	struct hash by_addr;
	struct entry *first, **last; /* the queue */
	struct entry *all;           /* that have left it */
	unsigned int round;          /* grows with each reverse_wait() */
	size_t n_awaited, n_vague;   /* of this one: without an answer, and with one that does not tell */
	size_t n_wanted;             /* when reverse_wait() began to wait; 0: it does not */
	int progress;                /* of that */
	unsigned int n_users;        /* the owner, and threads: the last one frees */
	bool is_given_up;
};

static void free_list(struct entry *e)
{
	while (e) {
		struct entry *next = e->next;

		free(e->name);
		free(e);
		e = next;
	}
}

static void destroy(struct reverse *x)
{
	free_list(x->first);
	free_list(x->all);
	hash_done(&x->by_addr);
	(void)pthread_cond_destroy(&x->has_work);
	(void)pthread_cond_destroy(&x->has_answer);
	(void)pthread_mutex_destroy(&x->lock);
	free(x);
}

/* Unlocks @x, which the caller no longer uses. */
static void leave(struct reverse *x)
{
	bool is_last = --x->n_users == 0;

	(void)pthread_mutex_unlock(&x->lock);
	if (is_last)
		destroy(x);
}

/* Asks the resolver, which may take long. */
static enum reverse_answer resolve(const uint8_t addr[16], char *name, socklen_t cap)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int r;

	if (memcmp(addr, mapped_prefix, sizeof(mapped_prefix)) == 0) {
		memcpy(&sin.sin_addr, addr + sizeof(mapped_prefix), 4);
		r = getnameinfo((void *)&sin, sizeof(sin), name, cap, NULL, 0, NI_NAMEREQD);
	} else {
		memcpy(&sin6.sin6_addr, addr, 16);
		r = getnameinfo((void *)&sin6, sizeof(sin6), name, cap, NULL, 0, NI_NAMEREQD);
	}
	if (r == 0 && *name)
		return REVERSE_NAMED;
	return r == EAI_AGAIN || r == EAI_SYSTEM || r == EAI_MEMORY ? REVERSE_UNKNOWN : REVERSE_NAMELESS;
}

/* Notes the answer to @e. */
static void take(struct reverse *x, struct entry *e, enum reverse_answer answer, const char *name)
{
	if (answer == REVERSE_NAMED && !(e->name = strdup(name)))
		answer = REVERSE_UNKNOWN;
	e->answer = answer;
	e->is_answered = true;
	e->next = x->all;
	x->all = e;
	if (e->round != x->round)
		return;
	x->n_awaited--;
	if (x->n_wanted)
		progress_set(x->progress, x->n_wanted - x->n_awaited);
	x->n_vague += answer == REVERSE_UNKNOWN;
	if (!x->n_awaited)
		(void)pthread_cond_signal(&x->has_answer);
}

static void *work(void *arg)
{
	struct reverse *x = arg;

	(void)pthread_mutex_lock(&x->lock);
	while (!x->is_given_up) {
		char name[NI_MAXHOST] = "";
		enum reverse_answer answer;
		struct entry *e = x->first;

		if (!e) {
			(void)pthread_cond_wait(&x->has_work, &x->lock);
			continue;
		}
		x->first = e->next;
		if (!x->first)
			x->last = &x->first;
		(void)pthread_mutex_unlock(&x->lock);
		answer = resolve(e->addr, name, sizeof(name));
		(void)pthread_mutex_lock(&x->lock);
		take(x, e, answer, name);
	}
	leave(x);
	return NULL;
}

int reverse_new(struct reverse **ret)
{
	_cleanup_(reverse_freep) struct reverse *x = calloc(1, sizeof(*x));
	pthread_condattr_t attr;
	int r = 0;

	if (!x)
		return -ENOMEM;
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&x->lock, NULL);
	(void)pthread_cond_init(&x->has_work, NULL);
	(void)pthread_cond_init(&x->has_answer, &attr);
	(void)pthread_condattr_destroy(&attr);
	x->last = &x->first;
	x->n_users = 1;
	for (int i = 0; i < THREADS; i++) {
		pthread_t thread;

		(void)pthread_mutex_lock(&x->lock);
		r = thread_start(&thread, work, x);
		x->n_users += r == 0;
		(void)pthread_mutex_unlock(&x->lock);
		if (r < 0)
			break;
		(void)pthread_detach(thread);
	}
	if (x->n_users == 1)
		return r;
	*ret = take_ptr(x);
	return 0;
}

struct reverse *reverse_free(struct reverse *x)
{
	if (!x)
		return NULL;
	(void)pthread_mutex_lock(&x->lock);
	x->is_given_up = true;
	(void)pthread_cond_broadcast(&x->has_work);
	leave(x);
	return NULL;
}

static bool has_addr(const void *item, const void *key)
{
	return !memcmp(((const struct entry *)item)->addr, key, 16);
}

static uint64_t fill(struct sv addr, uint8_t ret[16])
{
	memcpy(ret, mapped_prefix, sizeof(mapped_prefix));
	if (addr.len == 4)
		memcpy(ret + sizeof(mapped_prefix), addr.p, 4);
	else
		memcpy(ret, addr.p, 16);
	return hash_bytes(sv_n((const char *)ret, 16));
}

static int add(struct reverse *x, uint64_t hash, const uint8_t addr[16])
{
	struct entry *e = calloc(1, sizeof(*e));

	if (!e || hash_put(&x->by_addr, hash, e) < 0) {
		free(e);
		return -ENOMEM;
	}
	memcpy(e->addr, addr, 16);
	e->round = x->round;
	x->n_awaited++;
	*x->last = e;
	x->last = &e->next;
	(void)pthread_cond_signal(&x->has_work);
	return 0;
}

int reverse_ask(struct reverse *x, struct sv addr)
{
	uint8_t key[16];
	uint64_t hash;
	int r = 0;

	if (addr.len != 4 && addr.len != 16)
		return 0;
	hash = fill(addr, key);
	(void)pthread_mutex_lock(&x->lock);
	if (!hash_find(&x->by_addr, hash, has_addr, key))
		r = add(x, hash, key);
	(void)pthread_mutex_unlock(&x->lock);
	return r;
}

size_t reverse_wait(struct reverse *x, int64_t within_us)
{
	int64_t until_us = clock_monotonic_us() + within_us;
	struct timespec until = { .tv_sec = (time_t)(until_us / SECOND_US),
				  .tv_nsec = (long)(until_us % SECOND_US) * US_NS };
	size_t n;
	int r = 0;

	(void)pthread_mutex_lock(&x->lock);
	x->n_wanted = x->n_awaited;
	x->progress = progress_enter("asking for names of hosts", x->n_wanted);
	while (x->n_awaited && r != ETIMEDOUT)
		r = pthread_cond_timedwait(&x->has_answer, &x->lock, &until);
	progress_leave(x->progress);
	x->n_wanted = 0;
	n = x->n_awaited + x->n_vague;
	x->n_awaited = x->n_vague = 0;
	x->round++;
	(void)pthread_mutex_unlock(&x->lock);
	return n;
}

enum reverse_answer reverse_name(struct reverse *x, struct sv addr, struct sv *ret)
{
	enum reverse_answer answer = REVERSE_UNKNOWN;
	const struct entry *e;
	uint8_t key[16];

	*ret = (struct sv){};
	if (addr.len != 4 && addr.len != 16)
		return REVERSE_NAMELESS;
	(void)pthread_mutex_lock(&x->lock);
	e = hash_find(&x->by_addr, fill(addr, key), has_addr, key);
	if (e && e->is_answered) {
		answer = e->answer;
		*ret = e->name ? sv(e->name) : (struct sv){};
	}
	(void)pthread_mutex_unlock(&x->lock);
	return answer;
}
