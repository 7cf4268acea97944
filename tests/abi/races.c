/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: races N
 *
 * Lists the TCP sockets with their owners in two threads at a time, each with a
 * query of its own; there have to be N. For a build that looks for races.
 */

#include <pthread.h>
#include <sockeye.h>
#include <stdio.h>
#include <stdlib.h>

struct job {
	pthread_t thread;
	unsigned long n_rows, n_owned;
	const char *failure; /* NULL: none */
};

static sockeye_field name;

static int count(const sockeye_row *row, void *arg)
{
	struct job *job = arg;
	char text[256];

	job->n_rows++;
	job->n_owned += sockeye_format(row, name, SOCKEYE_PLAIN, text, sizeof(text)) >= 0;
	return 0;
}

static void *work(void *arg)
{
	sockeye *s = sockeye_new();
	sockeye_query *q = NULL;
	struct job *job = arg;

	if (!s || sockeye_query_new(s, "tcp state all", NULL, &q) < 0 || sockeye_query_want(q, name) < 0 ||
	    sockeye_run(q, count, job) < 0)
		job->failure = "a query failed";
	sockeye_query_free(q);
	(void)sockeye_free(s);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned long want = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	struct job jobs[2] = { { .failure = NULL } };
	int failed = sockeye_field_find("process.name", &name) < 0;

	for (size_t i = 0; i < 2 && !failed; i++)
		failed = pthread_create(&jobs[i].thread, NULL, work, &jobs[i]) != 0;
	for (size_t i = 0; i < 2 && !failed; i++) {
		(void)pthread_join(jobs[i].thread, NULL);
		if (jobs[i].failure || jobs[i].n_rows < want || jobs[i].n_owned < want) {
			fprintf(stderr, "thread %zu: %s: %lu rows, %lu with owners\n", i,
				jobs[i].failure ? jobs[i].failure : "too few", jobs[i].n_rows,
				jobs[i].n_owned);
			failed = 1;
		}
	}
	return failed;
}
