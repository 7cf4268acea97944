/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/early.h"

#include <linux/netlink.h>

#include "base/thread.h"
#include "source/live.h"

enum { QUESTIONS_MAX = 4 };

struct question {
	pthread_t thread;
	size_t turn;
	int netns;
	struct dump dump;
	/* of the thread, until it has ended: */
	struct nl *nl;
	struct source *source;
	int result;
	struct err why;
};

struct early {
	struct question v[QUESTIONS_MAX]; /* a ring: threads keep their place */
	size_t first, n, max;
	size_t next; /* the least turn that may still be asked */
};

struct early *early_new(void)
{
	unsigned int cores = thread_cores();
	struct early *a = cores > 1 ? calloc(1, sizeof(*a)) : NULL;

	if (a)
		a->max = cores < QUESTIONS_MAX ? cores : QUESTIONS_MAX;
	return a;
}

static void *work(void *arg)
{
	struct question *q = arg;

	q->result = q->netns < 0 ? nl_open(NETLINK_SOCK_DIAG, &q->nl, &q->why)
				 : nl_open_in(q->netns, NETLINK_SOCK_DIAG, &q->nl, &q->why);
	if (q->result >= 0)
		q->result = live_open(q->nl, &q->dump, &q->source, &q->why);
	return NULL;
}

/* Takes the first one out when its thread has ended; valid until the next is asked. */
static struct question *pop(struct early *a)
{
	struct question *q = &a->v[a->first];

	(void)pthread_join(q->thread, NULL);
	a->first = (a->first + 1) % QUESTIONS_MAX;
	a->n--;
	return q;
}

static void drop(struct question *q)
{
	(void)source_close(q->source);
	(void)nl_close(q->nl);
}

struct early *early_free(struct early *a)
{
	while (a && a->n)
		drop(pop(a));
	free(a);
	return NULL;
}

bool early_has_room(const struct early *a)
{
	return a->n < a->max;
}

void early_ask(struct early *a, size_t turn, int netns, const struct dump *d)
{
	struct question *q = &a->v[(a->first + a->n) % QUESTIONS_MAX];

	if (turn < a->next || !early_has_room(a))
		return;
	*q = (struct question){ .turn = turn, .netns = netns, .dump = *d };
	if (thread_start(&q->thread, work, q) < 0)
		return;
	a->n++;
	a->next = turn + 1;
}

int early_take(struct early *a, size_t turn, struct nl **ret_nl, struct source **ret, struct err *e)
{
	struct question *q;

	while (a->n && a->v[a->first].turn < turn)
		drop(pop(a));
	if (a->next <= turn)
		a->next = turn + 1;
	if (!a->n || a->v[a->first].turn != turn)
		return 0;
	q = pop(a);
	if (q->result < 0) {
		drop(q);
		return err_say(e, q->result, "%s", q->why.text);
	}
	*ret_nl = q->nl;
	*ret = q->source;
	return 1;
}
