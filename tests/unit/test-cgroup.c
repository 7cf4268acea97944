/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Paths of cgroups both ways, with and without the right to open them by number. */

#include <errno.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "check.h"
#include "enrich/cgroup.h"

static char mounts[] = "/tmp/test-cgroup-XXXXXX";
static char root[1024];

/* Where the first cgroup2 mount lies; false when there is none. Blanks in it would make the test skip. */
static bool find_root(void)
{
	char type[64];
	FILE *f = fopen("/proc/self/mounts", "re");

	if (!f)
		return false;
	while (fscanf(f, "%*s %1023s %63s%*[^\n]", root, type) == 2) {
		if (strcmp(type, "cgroup2") == 0) {
			fclose(f);
			return access(root, R_OK) == 0;
		}
	}
	fclose(f);
	return false;
}

static void write_mounts(const char *text)
{
	FILE *f = fopen(mounts, "we");

	CHECK(f);
	fputs(text, f);
	CHECK(fclose(f) == 0);
}

static int try_mounts(const char *text)
{
	struct cgroups *c = NULL;
	struct err e;
	int r;

	write_mounts(text);
	r = cgroups_open(mounts, NULL, &c, &e);
	if (r == 0)
		(void)cgroups_free(c);
	return r;
}

static void test_mounts(void)
{
	char text[8192], octal[5 * sizeof(root)];
	size_t n = 0;
	struct err e;
	struct cgroups *c;

	CHECK(cgroups_open("/nonexistent", NULL, &c, &e) == -ENODEV);
	CHECK_STR(e.text, "Failed to find cgroup2 mount");
	CHECK(try_mounts("") == -ENODEV);
	CHECK(try_mounts("\n\n   \n") == -ENODEV);
	CHECK(try_mounts("cgroup2") == -ENODEV);
	CHECK(try_mounts("a / cgroup2") == -ENODEV); /* not what it says */
	CHECK(try_mounts("a /no\\such\\04 cgroup2 rw 0 0\n") < 0);
	snprintf(text, sizeof(text), "a / cgroup2 rw\nb /nosuch cgroup2\nc %s ext4 rw\nd %s cgroup2", root,
		 root);
	CHECK(try_mounts(text) == 0);
	for (const char *p = root; *p && n + 5 < sizeof(octal); p++)
		n += (size_t)snprintf(octal + n, sizeof(octal) - n, "\\%03o",
				      (unsigned int)(unsigned char)*p);
	snprintf(text, sizeof(text), "d %s cgroup2 rw 0 0\n", octal);
	CHECK(try_mounts(text) == 0);
}

/* Compares paths and numbers for the directory @rel ("/" first) below the mount. */
static void check_one(struct cgroups *c, const char *rel)
{
	char full[8300];
	struct stat st;
	uint64_t id = 0;

	snprintf(full, sizeof(full), "%s%s", root, rel);
	CHECK(stat(full, &st) == 0);
	CHECK(sv_is(cgroups_path(c, st.st_ino), rel));
	CHECK(sv_is(cgroups_path(c, st.st_ino), rel));
	CHECK(cgroups_id(c, sv(rel), &id, NULL) == 0 && id == st.st_ino);
	id = 0;
	CHECK(cgroups_id(c, sv(rel + 1), &id, NULL) == 0 || !rel[1]);
	CHECK(id == st.st_ino || !rel[1]);
	id = 0;
	CHECK(cgroups_id(c, sv(full), &id, NULL) == 0 && id == st.st_ino);
}

static void test_paths(bool has_child)
{
	struct cgroups *c = NULL;
	uint64_t id = 7;
	struct err e;

	CHECK(cgroups_open(NULL, NULL, &c, &e) == 0);
	check_one(c, "/");
	if (has_child) {
		check_one(c, "/test-cgroup-dir");
		check_one(c, "/test-cgroup-dir/a b (deleted)");
	}
	CHECK(sv_is(cgroups_path(c, 0xfedcba9876543), "unreachable:fedcba9876543"));
	CHECK(sv_is(cgroups_path(c, 0), "unreachable:0"));
	CHECK(cgroups_id(c, sv("/tmp"), &id, &e) < 0 && id == 7);
	CHECK_STR(e.text, "Failed to get cgroup2 ID: it is not a cgroup");
	CHECK(cgroups_id(c, sv("/no/such/group"), &id, &e) == -ENOENT && id == 7);
	CHECK_STR(e.text, "Failed to get cgroup2 ID: No such file or directory");
	CHECK(cgroups_id(c, sv("../../../../../../.."), &id, &e) < 0 && id == 7);
	CHECK(cgroups_id(c, (struct sv){}, &id, &e) < 0 && id == 7);
	(void)cgroups_free(c);
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = {};

	CHECK(syscall(SYS_capset, &head, none) == 0);
}

static int run_without_rights(bool has_child)
{
	pid_t pid = fork();
	int status;

	CHECK(pid >= 0);
	if (pid == 0) {
		drop_capabilities();
		test_paths(has_child);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

int main(void)
{
	char path[2][1200];
	bool has_child;
	int fd = mkstemp(mounts), status;

	CHECK(fd >= 0 && close(fd) == 0);
	if (!find_root()) {
		fputs("no cgroup2 mount\n", stderr);
		CHECK(unlink(mounts) == 0);
		return 77;
	}
	test_mounts();
	CHECK(unlink(mounts) == 0);
	snprintf(path[0], sizeof(path[0]), "%s/test-cgroup-dir", root);
	snprintf(path[1], sizeof(path[1]), "%s/test-cgroup-dir/a b (deleted)", root);
	has_child = mkdir(path[0], 0755) == 0 && mkdir(path[1], 0755) == 0;
	if (!has_child)
		fputs("not allowed to make a cgroup: only the root tested\n", stderr);
	status = run_without_rights(has_child);
	test_paths(has_child);
	(void)rmdir(path[1]);
	(void)rmdir(path[0]);
	CHECK(status == 0);
	return 0;
}
