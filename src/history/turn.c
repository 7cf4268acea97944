/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "history/turn.h"

#include <fcntl.h>

#include "base/clock.h"

#define PLACE (INT64_C(1) << 62) /* of turn 0 */

/* Where locks cannot be had, as on some file systems of other machines, nobody is told. */
static void set_lock(int fd, int64_t turn, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = PLACE + turn, .l_len = 1 };

	(void)fcntl(fd, F_OFD_SETLK, &l);
}

/* One of both locks is there at every moment. */
static void go_on(struct turn *t, int fd)
{
	if (!t->at) /* another number than whoever wrote before had */
		t->at = 2 * clock_monotonic_us();
	set_lock(fd, t->at + 1, F_WRLCK);
	set_lock(fd, t->at, F_UNLCK);
	t->at++;
}

void turn_begin(struct turn *t, int fd)
{
	if (!(t->at & 1))
		go_on(t, fd);
}

void turn_end(struct turn *t, int fd)
{
	if (t->at & 1)
		go_on(t, fd);
}

int64_t turn_of(int fd)
{
	struct flock l = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = PLACE };

	if (fcntl(fd, F_OFD_GETLK, &l) < 0 || l.l_type == F_UNLCK || l.l_start < PLACE)
		return 0;
	return l.l_start - PLACE;
}
