/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* usage: peers [FIELD,...]    How many established connections there are to each network, the most first. */

#include <inttypes.h>
#include <sockeye.h>
#include <stdio.h>
#include <string.h>

/* The values of all keys, which are the fields in the list that is @arg. */
static int print_group(const sockeye_row *keys, uint64_t count, void *arg)
{
	const char *p = (const char *)arg;
	char name[64], value[256];
	sockeye_field f;

	printf("%" PRIu64, count);
	while (sscanf(p, "%63[^,/]", name) == 1) {
		if (sockeye_field_find(name, &f) < 0 ||
		    sockeye_format(keys, f, SOCKEYE_PLAIN, value, sizeof(value)) < 0)
			strcpy(value, "-"); /* the kernel did not say */
		printf(" %s", value);
		p += strcspn(p, ",");
		p += *p == ',';
	}
	putchar('\n');
	return ferror(stdout);
}

int main(int argc, char **argv)
{
	char by_default[] = "peer.addr/24/64", *by = argc > 1 ? argv[1] : by_default;
	sockeye *s = sockeye_new();
	sockeye_query *q = NULL;
	const char *note;
	int r = s ? sockeye_query_new(s, "tcp state established", NULL, &q) : -1;

	if (r == 0)
		r = sockeye_count(q, by, print_group, by);
	if (r < 0)
		fprintf(stderr, "peers: %s\n", s ? sockeye_errmsg(s) : "out of memory");
	for (size_t i = 0; q && (note = sockeye_note(q, i, NULL)); i++)
		fprintf(stderr, "peers: %s\n", note);
	sockeye_query_free(q);
	sockeye_free(s);
	return r != 0;
}
