/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cli/classic.h"

enum { WORDS_MAX = 64, LINE_MAX_BYTES = 1024 };

static const char arrow[] = " => ";

static void die(const char *what)
{
	perror(what);
	exit(99);
}

/* Takes @s apart in its place. Returns how many words. */
static int split(char *s, char **words)
{
	int n = 0;

	while (*s) {
		char *to = s, quote = '\0';

		s += strspn(s, " ");
		if (!*s)
			break;
		if (n + 1 == WORDS_MAX)
			exit(99);
		words[n++] = to = s;
		for (; *s && (quote || *s != ' '); s++) {
			if (quote ? *s == quote : *s == '\'' || *s == '"')
				quote = quote ? '\0' : *s;
			else
				*to++ = *s;
		}
		s += *s == ' ';
		*to = '\0';
	}
	words[n] = NULL;
	return n;
}

/* What has been written to @fd, NUL-terminated; the file is empty then. */
static void take(int fd, struct text *ret)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *room = len < 0 ? NULL : text_room(ret, (size_t)len + 1);

	if (!room || pread(fd, room, (size_t)len, 0) != len || ftruncate(fd, 0) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		die("what a line printed");
	ret->len += (size_t)len;
	text_char(ret, '\0');
}

struct run {
	int status;
	struct text out, err;
};

static void run_line(struct host *h, int argc, char **argv, const int files[2], struct run *ret)
{
	int kept[2] = { dup(1), dup(2) };

	if (kept[0] < 0 || kept[1] < 0 || dup2(files[0], 1) < 0 || dup2(files[1], 2) < 0)
		die("standard descriptors");
	ret->status = classic_main_on(h, argc, argv);
	(void)fflush(stdout);
	if (dup2(kept[0], 1) < 0 || dup2(kept[1], 2) < 0)
		die("standard descriptors");
	(void)close(kept[0]);
	(void)close(kept[1]);
	take(files[0], &ret->out);
	take(files[1], &ret->err);
}

static bool holds(struct host *h, char *command, const char *wanted, const int files[2])
{
	static char name[] = "ss";
	char *argv[WORDS_MAX + 1] = { name };
	char *text;
	long status = strtol(wanted, &text, 10);
	struct run run = {};
	bool is_right;

	text += *text == ' ';
	run_line(h, split(command, argv + 1) + 1, argv, files, &run);
	is_right = run.status == status && strstr(status ? run.err.p : run.out.p, text) &&
		   (!status || run.out.len == 1);
	if (!is_right)
		(void)fprintf(stderr, "status %d\n%.600s%.600s", run.status, run.out.p, run.err.p);
	text_done(&run.out);
	text_done(&run.err);
	return is_right;
}

unsigned int lines_run(struct host *h, const char *path)
{
	const int files[2] = { memfd_create("out", MFD_CLOEXEC), memfd_create("err", MFD_CLOEXEC) };
	unsigned int n = 0, n_wrong = 0, number = 0;
	char line[LINE_MAX_BYTES], command[LINE_MAX_BYTES];
	FILE *f = fopen(path, "re");

	if (!f || files[0] < 0 || files[1] < 0)
		die(path);
	while (fgets(line, sizeof(line), f)) {
		char *wanted = strstr(line, arrow);

		number++;
		line[strcspn(line, "\n")] = '\0';
		if (!wanted || line[0] == '#')
			continue;
		*wanted = '\0';
		wanted += strlen(arrow);
		memcpy(command, line, sizeof(command));
		n++;
		if (holds(h, command, wanted, files))
			continue;
		n_wrong++;
		(void)fprintf(stderr, "%s:%u: ss %s => %s\n\n", path, number, line, wanted);
	}
	(void)fclose(f);
	(void)close(files[0]);
	(void)close(files[1]);
	printf("%u lines, %u wrong\n", n, n_wrong);
	return n_wrong;
}
