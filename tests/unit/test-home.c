/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* A thread that did not come back from another network namespace: it asks nothing any more, and others do. */

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <unistd.h>

#include "base/thread.h"
#include "check.h"
#include "nl/home.h"
#include "nl/nl.h"

static void *ask(void *arg)
{
	struct nl *nl = NULL;

	*(int *)arg = nl_open(NETLINK_ROUTE, &nl, NULL);
	(void)nl_close(nl);
	return NULL;
}

/* What it is told where the way home is barred. */
static void *be_lost(void *arg)
{
	int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), r = 0;
	struct nl *nl = NULL;
	struct err e = {};

	(void)arg;
	CHECK(here >= 0 && home_check(&e) == 0 && !e.text[0]);
	CHECK(home_return(-EMFILE, &e) == -ENOTRECOVERABLE);
	CHECK_STR(e.text, "coming back from another network namespace: Too many open files");
	e = (struct err){};
	CHECK(home_check(&e) == -ENOTRECOVERABLE && e.text[0]);
	(void)ask(&r);
	CHECK(r == -ENOTRECOVERABLE);
	CHECK(nl_open_in(here, NETLINK_ROUTE, &nl, NULL) == -ENOTRECOVERABLE && !nl);
	(void)close(here);
	return NULL;
}

int main(void)
{
	pthread_t thread;
	int r = -1;

	CHECK(home_leave(-1) == -EBADF && home_check(NULL) == 0);
	CHECK(thread_start(&thread, be_lost, NULL) == 0 && pthread_join(thread, NULL) == 0);
	(void)ask(&r);
	CHECK(r == 0 && home_check(NULL) == 0);
	return 0;
}
