/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: pages N
 *
 * Makes N pages of this machine one after the other, by what serves them, and fails when memory or
 * descriptors grow from the first tenth to the last.
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/abi.h"
#include "metrics/gather.h"

enum { SLACK_BYTES = 1 << 20 };

static long open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	long n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		(void)closedir(d);
	return n;
}

static long resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long pages = 0;

	if (f && fscanf(f, "%*s %ld", &pages) != 1) /* NOLINT(cert-err34-c) */
		pages = 0;
	if (f)
		(void)fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

static bool make_page(struct gather *g)
{
	struct notes notes = {};
	struct text t = {};
	struct page page;
	struct err e = {};
	int r = gather_page(g, &page, &notes, &e);

	if (r >= 0)
		page_put(&page, PAGE_OPENMETRICS, &t);
	if (r < 0 || t.failed || t.len < 1000)
		printf("%s\n", e.text);
	r = r < 0 || t.failed || t.len < 1000;
	page_done(&page);
	text_done(&t);
	notes_done(&notes);
	return !r;
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? strtol(argv[1], NULL, 10) : 0, files = 0, bytes = 0;
	const struct host_files of_machine = {};
	struct limits limits = {};
	struct gather_opts o = { .by = "unit" };
	struct host *host = NULL;
	struct gather *g = NULL;
	struct err e;

	if (n < 10 || host_live_new(&of_machine, &host) < 0)
		return 2;
	o.doctor.host = host;
	o.doctor.limits = &limits;
	for (enum rule_id i = 0; i < RULE_MAX; i++)
		o.doctor.wanted[i] = true;
	o.doctor.plan.select =
		(struct selection){ .tables = UINT32_C(1) << TABLE_TCP | UINT32_C(1) << TABLE_UDP,
				    .families = UINT64_MAX,
				    .states = STATES_ALL & ~STATE(K_TCP_BOUND_INACTIVE) };
	if (gather_new(&o, &g, &e) < 0) {
		printf("%s\n", e.text);
		return 2;
	}
	for (long i = 0; i < n; i++) {
		if (!make_page(g))
			return 1;
		if (i == n / 10) {
			files = open_files();
			bytes = resident();
		}
	}
	printf("%ld pages, %+ld bytes, %+ld files\n", n, resident() - bytes, open_files() - files);
	n = resident() > bytes + SLACK_BYTES || open_files() > files;
	(void)gather_free(g);
	(void)host_free(host);
	return (int)n;
}
