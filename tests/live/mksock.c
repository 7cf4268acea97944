/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * mksock [-d DIR] SCENARIO...: the socket factory's main program.
 *
 * SCENARIO is a name, or "steady", "moving" or "all". DIR, the current folder
 * by default, is where unix sockets are bound. When all is made it prints
 * "ready" and waits for the end of its stdin.
 */

#include "mksock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Packet sockets see what passes on the loopback device, so they are made last. */
static const struct scenario *const groups[] = {
	process_scenarios, tcp_scenarios,  option_scenarios, state_scenarios,
	udp_scenarios,     unix_scenarios, link_scenarios,
};

static bool is_wanted(const struct scenario *s, const char *word)
{
	if (strcmp(word, "all") == 0 || strcmp(word, s->name) == 0)
		return true;
	return strcmp(word, s->is_moving ? "moving" : "steady") == 0;
}

static bool is_known(const char *word)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		for (const struct scenario *s = groups[i]; s->name; s++)
			if (is_wanted(s, word))
				return true;
	return false;
}

static void list(void)
{
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		for (const struct scenario *s = groups[i]; s->name; s++)
			printf("%s %s\n", s->name, s->is_moving ? "moving" : "steady");
}

static void make(const struct scenario *s, char **words, int n)
{
	for (int i = 0; i < n; i++) {
		if (is_wanted(s, words[i])) {
			s->make();
			return;
		}
	}
}

int main(int argc, char **argv)
{
	char buf[64];
	int opt;

	while ((opt = getopt(argc, argv, "d:l")) != -1) {
		switch (opt) {
		case 'd': must(chdir(optarg), optarg); break;
		case 'l': list(); return 0;
		default: die("usage: mksock [-l] [-d DIR] SCENARIO...");
		}
	}
	for (int i = optind; i < argc; i++)
		if (!is_known(argv[i]))
			die("no such scenario: %s", argv[i]);

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		for (const struct scenario *s = groups[i]; s->name; s++)
			make(s, argv + optind, argc - optind);

	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		die("cannot write to stdout");
	while (read(STDIN_FILENO, buf, sizeof(buf)) > 0)
		;
	return 0;
}
