/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What is read of processes, and what they have aside, from folders like those of /proc. */

#include <errno.h>
#include <sys/stat.h>

#include "check.h"
#include "enrich/aside.h"
#include "enrich/parts.h"
#include "enrich/proc_stat.h"

static char dir[] = "/tmp/test-parts-XXXXXX";

/* @len bytes at @text become the file PID/@leaf, whose folder is made; @text NULL: none is. */
static void make_file(uint32_t pid, const char *leaf, const char *text, size_t len)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%u", dir, pid);
	CHECK(mkdir(path, 0755) == 0 || errno == EEXIST);
	snprintf(path, sizeof(path), "%s/%u/%s", dir, pid, leaf);
	if (!text)
		return;
	f = fopen(path, "we");
	CHECK(f && fwrite(text, 1, len, f) == len && fclose(f) == 0);
}

static void make_link(uint32_t pid, const char *leaf, const char *to)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%u/%s", dir, pid, leaf);
	CHECK(symlink(to, path) == 0);
}

#define REST " S 7 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 12345 1 1 1\n"
#define TEXT(s) s, sizeof(s) - 1

static const struct {
	const char *what, *stat, *cmdline;
	size_t cmdline_len;
	const char *exe, *full_name;
} names[] = {
	{ "plain", "1 (nginx)" REST, TEXT("/usr/sbin/nginx\0-g\0x"), "/usr/sbin/nginx", "nginx" },
	{ "cut", "1 (systemd-resolve)" REST, TEXT("/lib/systemd/systemd-resolved"),
	  "/lib/systemd/systemd-resolved", "systemd-resolved" },
	{ "cut, and the program not for us", "1 (systemd-resolve)" REST,
	  TEXT("/lib/systemd/systemd-resolved"), NULL, "systemd-resolved" },
	{ "replaced", "1 (MainThread)" REST, TEXT("/usr/bin/mongod\0--fork"), "/usr/bin/mongod",
	  "MainThread [mongod]" },
	{ "replaced by as many bytes as there may be", "1 (abcdefghijklmno)" REST, TEXT("x"), "/usr/bin/x",
	  "abcdefghijklmno [x]" },
	{ "a script", "1 (a-script-that-h)" REST, TEXT("/bin/sh\0/opt/a-script-that-has-a-name"), "/bin/dash",
	  "a-script-that-has-a-name" },
	{ "it writes over its arguments", "1 (nginx)" REST, TEXT("nginx: worker process"), NULL, "nginx" },
	{ "replaced since", "1 (sshd)" REST, TEXT("sshd"), "/usr/sbin/sshd (deleted)", "sshd" },
	{ "of the kernel", "1 (kworker/0:0)" REST, TEXT(""), NULL, "kworker/0:0" },
	{ "with brackets", "1 (a) (b)" REST, TEXT("/x/a) (b"), NULL, "a) (b" },
};

static struct sv part(struct parts *p, uint32_t pid, enum part part)
{
	const struct owner o = { .pid = pid, .comm = sv("x") };
	struct owners all = parts_add(p, 1u << part, (struct owners){ .v = &o, .n = 1 });

	CHECK(all.n == 1 && all.v[0].pid == pid && sv_is(all.v[0].comm, "x"));
	return owner_text(&all.v[0], part);
}

static void check_is(const char *what, struct sv is, const char *want)
{
	if (sv_is(is, want))
		return;
	fprintf(stderr, "%s: \"%.*s\", not \"%s\"\n", what, SV_ARG(is), want);
	abort();
}

static void test_names(struct parts *p)
{
	for (uint32_t i = 0; i < ARRAY_SIZE(names); i++) {
		make_file(100 + i, "stat", names[i].stat, strlen(names[i].stat));
		make_file(100 + i, "cmdline", names[i].cmdline, names[i].cmdline_len);
		if (names[i].exe)
			make_link(100 + i, "exe", names[i].exe);
		check_is(names[i].what, part(p, 100 + i, PART_FULL_NAME), names[i].full_name);
		check_is(names[i].what, part(p, 100 + i, PART_EXE), names[i].exe ? names[i].exe : "");
	}
}

static void test_facts(struct parts *p)
{
	make_file(7, "stat", TEXT("7 (the parent)" REST));
	make_file(8, "stat", TEXT("8 (child)" REST));
	make_file(8, "status", TEXT("Name:\tchild\nUid:\t0\t4242424\t0\t0\nGid:\t1\t1\t1\t1\n"));
	make_file(8, "cmdline", TEXT("a b\0\0c\0\0\0"));
	check_is("parent", part(p, 8, PART_PARENT), "the parent");
	check_is("user", part(p, 8, PART_USER), "4242424");
	check_is("start", part(p, 8, PART_START), "2001-09-09T01:48:43Z"); /* 123 s after 1000000000 */
	check_is("cmdline", part(p, 8, PART_CMDLINE), "a b  c");
	make_file(8, "limits",
		  TEXT("Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 "
		       "4096                 files\n"));
	check_is("files_max", part(p, 8, PART_FILES_MAX), "1024");
	check_is("files_max", part(p, 7, PART_FILES_MAX), "");
	make_file(30, "stat", TEXT("30 (stopped) T 1 1"));
	make_file(31, "stat", TEXT("31 (a new one) ? 1 1"));
	check_is("state", part(p, 30, PART_STATE), "stopped");
	check_is("state", part(p, 31, PART_STATE), "");
	make_file(9, "stat", TEXT("9 (cut short) S 1 1"));
	check_is("state", part(p, 9, PART_STATE), "sleeping");
	make_file(9, "status", TEXT("Name:\tx\nUid:\tno\n"));
	check_is("start", part(p, 9, PART_START), "");
	check_is("user", part(p, 9, PART_USER), "");
	check_is("gone", part(p, 10, PART_CMDLINE), "");
	/* Once a process. */
	make_file(8, "cmdline", TEXT("other"));
	check_is("cmdline", part(p, 8, PART_CMDLINE), "a b  c");
}

static void test_stat(void)
{
	static const char line[] =
		"4242 (a (b) \n) c) Z 99 1 1 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 777 1 1 1\n";
	struct proc_stat s;

	CHECK(proc_stat_parse(sv(line), &s) && sv_is(s.comm, "a (b) \n) c") && s.state == 'Z' &&
	      s.ppid == 99);
	CHECK(s.is_whole && s.start == 777);
	for (size_t n = 0; n < sizeof(line) - 1; n++) {
		_cleanup_free_ char *cut = malloc(n + 1);

		CHECK(cut);
		memcpy(cut, line, n);
		if (proc_stat_parse(sv_n(cut, n), &s))
			CHECK(!s.is_whole || s.start == 777 || s.start == 77 || s.start == 7);
	}
	CHECK(!proc_stat_parse(sv(")("), &s) && !proc_stat_parse(sv(""), &s));
}

static void test_aside(void)
{
	_cleanup_(aside_freep) struct aside *a = NULL;

	make_file(30, "fd", NULL, 0);
	for (int i = 0; i < 2; i++) {
		char path[256];

		snprintf(path, sizeof(path), "%s/30/%s", dir, i ? "fdinfo" : "fd");
		CHECK(mkdir(path, 0755) == 0);
	}
	make_link(30, "fd/3", "anon_inode:[io_uring]");
	make_file(30, "fdinfo/3",
		  TEXT("pos:\t0\nUserFiles:\t3\n    0: socket:[777]\n    1: /tmp/socket:[9]\n"
		       "    2: socket:[x]\n    4: socket:[888]\nUserBufs:\t0\nscm_fds: 5\n"));
	make_link(30, "fd/4", "socket:[55]");
	make_file(30, "fdinfo/4", TEXT("pos:\t0\nscm_fds: 2\n    0: socket:[999]\n"));
	make_link(30, "fd/5", "/dev/null");
	make_file(30, "fdinfo/5", TEXT("scm_fds: 9\n"));
	make_link(30, "fd/6", "socket:[56]"); /* and it is gone */
	CHECK(aside_new(dir, &a) == 0);
	CHECK(aside_is_in_ring(a, 777) && aside_is_in_ring(a, 888) && !aside_is_in_ring(a, 9));
	CHECK(!aside_is_in_ring(a, 999) && !aside_is_in_ring(a, 0) && aside_in_flight(a) == 2);
	CHECK(aside_new("/nonexistent", &a) == -ENOENT);
}

int main(void)
{
	const struct parts_opts o = { .proc_root = dir };
	struct parts *p = NULL;
	struct text rm = {};
	char path[256];
	FILE *f;

	CHECK(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/stat", dir);
	f = fopen(path, "we");
	CHECK(f && fputs("cpu 1 2 3\nbtime 1000000000\nprocesses 5\n", f) >= 0 && fclose(f) == 0);
	CHECK(sysconf(_SC_CLK_TCK) == 100);
	CHECK(parts_new(&o, &p) == 0);
	test_names(p);
	test_facts(p);
	(void)parts_free(p);
	test_stat();
	test_aside();
	text_printf(&rm, "rm -rf %s", dir);
	text_char(&rm, '\0');
	CHECK(system(rm.p) == 0); /* NOLINT(cert-env33-c) */
	text_done(&rm);
	return 0;
}
