/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "nl/home.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

static _Thread_local int lost; /* why, as a positive errno */

int home_leave(int netns)
{
	return setns(netns, CLONE_NEWNET) < 0 ? -errno : 0;
}

int home_return(int home, struct err *e)
{
	int r = home < 0 ? home : home_leave(home);

	if (r < 0)
		lost = -r;
	return home_check(e);
}

int home_check(struct err *e)
{
	if (!lost)
		return 0;
	return err_say(e, -ENOTRECOVERABLE, "coming back from another network namespace: %s", strerror(lost));
}
