/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* A recording: every message that comes lies in memory, opens as a row or is refused. */

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/field.h"
#include "source/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct seg_dump origin = { .table = TABLE_TCP };
	const struct nlmsghdr *nlh;
	struct source *s;
	struct row row;
	struct val v;
	struct err e;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET))
		abort();
	if (file_open_fd(fd, "fuzz", &s, &e))
		return 0;
	while (source_next(s, &nlh, &e) > 0) {
		(void)row_open(&row, &family_inet, &origin, nlh);
		for (enum field_id f = 0; f < F_MAX; f++)
			(void)field_get(&row, f, &v);
	}
	source_close(s);
	return 0;
}
