/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The /proc/net source: the first byte chooses the table, the rest is the file. */

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "model/field.h"
#include "source/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct dump dumps[] = {
	{ .family = &family_inet, .af = AF_INET, .origin.protocol = IPPROTO_TCP, .states = UINT32_MAX },
	{ .family = &family_inet, .af = AF_INET6, .origin.protocol = IPPROTO_TCP, .states = UINT32_MAX },
	{ .family = &family_inet, .af = AF_INET, .origin.protocol = IPPROTO_UDP, .states = UINT32_MAX },
	{ .family = &family_inet, .af = AF_INET6, .origin.protocol = IPPROTO_RAW, .states = UINT32_MAX },
	{ .family = &family_unix, .af = AF_UNIX, .states = UINT32_MAX },
	{ .family = &family_unix, .af = AF_UNIX, .states = 1 << K_TCP_CLOSE },
	{ .family = &family_packet, .af = AF_PACKET },
	{ .family = &family_netlink, .af = AF_NETLINK },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dump *d;
	const struct nlmsghdr *nlh;
	struct source *s;
	struct row row;
	struct val v;
	struct err e;
	int fd;

	if (!size)
		return 0;
	d = &dumps[data[0] % ARRAY_SIZE(dumps)];
	fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)size - 1 || lseek(fd, 0, SEEK_SET))
		abort();
	if (proc_open_fd(fd, "fuzz", d, &s, &e))
		return 0;
	while (source_next(s, &nlh, &e) > 0) {
		/* What we made ourselves is never wrong. */
		if (row_open(&row, d->family, &d->origin, nlh))
			abort();
		for (enum field_id f = 0; f < F_MAX; f++)
			(void)field_get(&row, f, &v);
	}
	if (s->n_skipped > size)
		abort();
	source_close(s);
	return 0;
}
