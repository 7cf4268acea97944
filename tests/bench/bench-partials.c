/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Makes what many hosts have answered, as files in a directory: for each host NAME.part, which ss --merge
 *reads, and NAME.ndjson, the same groups as records of JSON.
 *
 *	bench-partials DIR HOSTS GROUPS DIFFERENT
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/partial.h"

static uint64_t state = 20;

static uint32_t next(uint32_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % n;
}

static void put(FILE *f, const char *line, uint64_t *sum)
{
	*sum += partial_line_hash(sv(line));
	(void)fprintf(f, "%s\n", line);
}

static FILE *create(const char *dir, unsigned int host, const char *end)
{
	char path[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/n%u.%s", dir, host, end);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

/* Different groups that begin anywhere and go on with a step that meets each once. */
static void write_host(const char *dir, unsigned int host, uint32_t groups, uint32_t different)
{
	FILE *part = create(dir, host, "part"), *json = create(dir, host, "ndjson");
	uint32_t at = next(different), step = different / groups;
	uint64_t sum = 0, total = 0;
	char line[256];

	(void)snprintf(line, sizeof(line),
		       "ss1h host=n%u boot=b%u id=%016x time=1796141013476040 version=0.1.0 of=groups "
		       "asked=tcp by=peer.addr",
		       host, host, host);
	put(part, line, &sum);
	for (uint32_t i = 0; i < groups; i++, at = (at + step) % different) {
		uint32_t count = 1 + next(100);

		(void)snprintf(line, sizeof(line), "ss1g x0a%06" PRIx32 " %" PRIu32, at, count);
		put(part, line, &sum);
		(void)fprintf(json,
			      "{\"peer.addr\":\"10.%" PRIu32 ".%" PRIu32 ".%" PRIu32 "\",\"count\":%" PRIu32
			      "}\n",
			      at >> 16, at >> 8 & 255, at & 255, count);
		total += count;
	}
	(void)snprintf(line, sizeof(line), "ss1e %" PRIu32 " %" PRIu64 " whole", groups + 1, total);
	sum += partial_line_hash(sv(line));
	(void)fprintf(part, "%s %016" PRIx64 "\n", line, sum);
	if (fclose(part) != 0 || fclose(json) != 0) {
		perror("bench-partials");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	uint32_t hosts, groups, different;

	if (argc != 5) {
		(void)fprintf(stderr, "usage: bench-partials DIR HOSTS GROUPS DIFFERENT\n");
		return 2;
	}
	hosts = (uint32_t)strtoul(argv[2], NULL, 10);
	groups = (uint32_t)strtoul(argv[3], NULL, 10);
	different = (uint32_t)strtoul(argv[4], NULL, 10);
	for (uint32_t i = 0; i < hosts; i++)
		write_host(argv[1], i, groups, different);
	return 0;
}
