/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Names of containers from files as the runtimes lay them out, from some that are broken or hostile, and from
 * a file system that does not answer.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "check.h"
#include "enrich/state_files.h"
#include "enrich/tenants.h"
#include "tenants-layouts.h"

static char dir[] = "/tmp/test-tenants-XXXXXX";

static void full_path(struct text *t, const char *tree, const char *path)
{
	t->len = 0;
	text_str(t, tree);
	text_put(t, path, strlen(path) + 1);
	CHECK(!t->failed);
}

/* Makes the directories above @path, which is written to and left as it was. */
static void make_parents(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		CHECK(mkdir(path, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
}

static void make_file(const char *tree, const char *path, const char *text)
{
	struct text t = {};
	FILE *f;

	full_path(&t, tree, path);
	make_parents(t.p);
	if (!strncmp(text, "->", 2)) {
		CHECK(symlink(text + 2, t.p) == 0);
	} else {
		f = fopen(t.p, "we");
		CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
	}
	text_done(&t);
}

static void check_text(const char *what, const char *member, struct sv is, const char *want)
{
	if (sv_is(is, want))
		return;
	fprintf(stderr, "%s: %s is \"%.*s\", not \"%s\"\n", what, member, SV_ARG(is), want);
	abort();
}

static void check_layout(const char *tree, const struct layout *l)
{
	const struct tenants_opts o = { .tree = tree };
	_cleanup_(tenants_freep) struct tenants *t = tenants_new(&o);
	const struct tenant *n;

	CHECK(t && mkdir(tree, 0755) == 0);
	for (size_t i = 0; i < FILES && l->file[i].path; i++)
		make_file(tree, l->file[i].path, l->file[i].text);
	n = tenants_at(t, sv(l->cgroup), false);
	CHECK(n && !n->name.len && !n->pod_name.len && n->lack == TENANT_WHOLE);
	CHECK(tenants_at(t, sv(l->cgroup), true) == n);
	check_text(l->what, "the name", n->name, l->name);
	check_text(l->what, "the runtime", n->runtime, l->runtime);
	check_text(l->what, "the pod", n->pod_name, l->pod);
	check_text(l->what, "its namespace", n->pod_namespace, l->pod_namespace);
	check_text(l->what, "its uid", n->pod_uid, l->pod_uid);
	if (n->lack != l->lack) {
		fprintf(stderr, "%s: lacks %d, not %d\n", l->what, n->lack, l->lack);
		abort();
	}
}

/* A small file of each kind that is not to be opened, or is too long; @make says why there is none. */
static void test_hostile(const char *tree)
{
	static const char config[] = "/var/lib/docker/containers/" A "/config.v2.json";
	const struct tenants_opts o = { .tree = tree };
	struct text t = {};

	CHECK(mkdir(tree, 0755) == 0);
	full_path(&t, tree, config);
	make_parents(t.p);
	for (int i = 0; i < 3; i++) {
		_cleanup_(tenants_freep) struct tenants *n = tenants_new(&o);
		_cleanup_close_ int fd = -1;

		(void)unlink(t.p);
		if (i == 0)
			CHECK(mkfifo(t.p, 0644) == 0);
		if (i == 1) { /* a gigabyte of nothing */
			fd = open(t.p, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
			CHECK(fd >= 0 && ftruncate(fd, 1 << 30) == 0);
		}
		if (i == 2 && mknod(t.p, S_IFCHR | 0644, 5 << 8) < 0) /* a terminal */
			break;
		CHECK(n && tenants_at(n, sv("/docker/" A), true)->lack == TENANT_BROKEN);
	}
	text_done(&t);
}

/* As somebody who may not read them. Exits. */
static void be_barred(const char *tree)
{
	const struct tenants_opts o = { .tree = tree };
	_cleanup_(tenants_freep) struct tenants *t = tenants_new(&o);
	const struct tenant *n;

	CHECK(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
	n = tenants_at(t, sv("/docker/" A), true);
	CHECK(n && n->lack == TENANT_BARRED && !n->name.len && sv_is(n->id, A) &&
	      sv_is(n->runtime, "docker"));
	n = tenants_at(t, sv("/kubepods/pod" UID "/" A), true);
	CHECK(n && sv_is(n->name, "nginx") && n->lack == TENANT_WHOLE);
}

static void test_barred(const char *tree)
{
	pid_t pid;
	int status;

	make_file(tree, "/var/lib/docker/containers/" A "/config.v2.json", "{\"Name\":\"/web\"}");
	make_file(tree, "/var/log/containers/web_prod_nginx-" A ".log", "");
	make_file(tree, "/var/lib/docker/none", "");
	if (geteuid())
		return;
	struct text t = {};

	full_path(&t, tree, "/var/lib/docker");
	CHECK(chmod(t.p, 0700) == 0 && chmod(dir, 0755) == 0);
	text_done(&t);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		be_barred(tree);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

/* A file system whose server never says a word. False when none can be had. */
static bool mount_hung(const char *at, int *ret)
{
	char options[128];
	int fd;

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return false;
	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	*ret = fd;
	return mount("hung", at, "fuse", 0, options) == 0;
}

static void test_hung(const char *tree)
{
	const struct tenants_opts o = { .tree = tree };
	_cleanup_(tenants_freep) struct tenants *t = tenants_new(&o);
	const struct tenant *n;
	struct text at = {};
	int fd;

	CHECK(t);
	make_file(tree, "/var/lib/docker/none", "");
	make_file(tree, STORE "/containers.json", "[{\"id\":\"" A "\",\"names\":[\"web\"]}]");
	full_path(&at, tree, "/var/lib/docker");
	if (!mount_hung(at.p, &fd)) {
		fputs("no file system that hangs can be had\n", stderr);
		text_done(&at);
		return;
	}
	n = tenants_at(t, sv("/docker/" A), true);
	CHECK(n && n->lack == TENANT_LATE && sv_is(n->id, A));
	/* Given up: another container of it, and all others, do not wait. */
	n = tenants_at(t, sv("/docker/" B), true);
	CHECK(n && n->lack == TENANT_LATE);
	n = tenants_at(t, sv("/machine.slice/libpod-" A ".scope"), true);
	CHECK(n && n->lack == TENANT_WHOLE && sv_is(n->name, "web"));
	(void)umount2(at.p, MNT_DETACH);
	(void)close(fd); /* lets the one who waits go */
	text_done(&at);
}

/* Of v1 and v2 together, as hosts in transition have them. */
static void test_processes(const char *tree)
{
	static const struct {
		const char *lines, *unit, *id;
		bool has_v1;
	} cases[] = {
		{ "0::/system.slice/nginx.service\n", "nginx.service", "", false },
		{ "9:name=systemd:/system.slice/nginx.service\n8:pids:/\n0::/\n", "nginx.service", "", true },
		{ "9:name=systemd:/docker/" A "\n8:pids:/docker/" A "\n0::/system.slice/docker.service\n", "",
		  A, true },
		{ "4:memory:/docker/" A "\n1:name=systemd:/system.slice/docker.service\n", "", A, true },
		{ "4:memory:/a\n1:name=systemd:/init.scope\n0::/init.scope\n", "init.scope", "", true },
		{ "0::/\n", "", "", false },
		{ "0::/../other\n", "", "", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct tenants_opts o = { .proc_root = tree };
		_cleanup_(tenants_freep) struct tenants *t = tenants_new(&o);
		const struct tenant *n = NULL, *again = NULL;

		make_file(tree, "/7/cgroup", cases[i].lines);
		make_file(tree, "/1/cgroup", cases[i].lines);
		CHECK(t && tenants_of(t, 7, false, &n) == 0 && n);
		check_text(cases[i].lines, "the unit", n->unit, cases[i].unit);
		check_text(cases[i].lines, "the id", n->id, cases[i].id);
		CHECK(tenants_has_v1(t) == cases[i].has_v1);
		make_file(tree, "/7/cgroup", "0::/system.slice/later.service\n");
		CHECK(tenants_of(t, 7, false, &again) == 0 && again == n);
		CHECK(tenants_of(t, 8, false, &n) == -ENOENT && !n);
		make_file(tree, "/9/cgroup", "nonsense\n\n:::\n0::nowhere\n");
		CHECK(tenants_of(t, 9, false, &n) == -ENOENT && !n);
	}
}

int main(void)
{
	struct text tree = {}, command = {};

	CHECK(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_SIZE(layouts) + 4; i++) {
		tree.len = 0;
		text_printf(&tree, "%s/%zu", dir, i);
		text_char(&tree, '\0');
		switch (i < ARRAY_SIZE(layouts) ? 0 : i - ARRAY_SIZE(layouts) + 1) {
		case 0: check_layout(tree.p, &layouts[i]); break;
		case 1: test_hostile(tree.p); break;
		case 2: test_barred(tree.p); break;
		case 3: test_processes(tree.p); break;
		default: test_hung(tree.p); break;
		}
	}
	text_printf(&command, "rm -rf %s", dir);
	text_char(&command, '\0');
	CHECK(system(command.p) == 0); /* NOLINT(cert-env33-c) */
	text_done(&tree);
	text_done(&command);
	return 0;
}
