/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "source/events.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

#include "base/clock.h"

int events_wait(struct events *s, int64_t at_us, int fd, const sigset_t *mask)
{
	/* Of the output no event is asked for: that its reader has gone is told all the same. */
	struct pollfd fds[] = { { .fd = s->fd, .events = POLLIN }, { .fd = fd } };
	int64_t left = at_us - clock_monotonic_us();
	struct timespec ts = {};

	if (left > 0)
		ts = (struct timespec){ .tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000 };
	/* Also when there is nothing to wait for: this is where a signal that was held back comes. */
	if (ppoll(fds, ARRAY_SIZE(fds), &ts, mask) < 0)
		return -errno;
	if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		return -EPIPE;
	if (s->calm)
		s->calm(s);
	return 0;
}
