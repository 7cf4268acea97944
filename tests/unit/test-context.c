/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Security contexts: from a tree like /proc, and in the text of ss. */

#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "check.h"
#include "enrich/selinux.h"
#include "family/family.h"
#include "sink/classic/classic.h"

static char dir[] = "/tmp/test-context-XXXXXX";

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void make_dir(const char *name)
{
	CHECK(mkdir(path_of(name), 0755) == 0);
}

static void make_file(const char *name, const char *contents, size_t len)
{
	FILE *f = fopen(path_of(name), "we");

	CHECK(f && fwrite(contents, 1, len, f) == len && fclose(f) == 0);
}

static bool is_text(struct text *t, const char *want)
{
	bool is_equal = sv_is(sv_n(t->p, t->len), want);

	t->len = 0;
	return is_equal;
}

static void test_enabled(void)
{
	static const struct {
		const char *mounts;
		bool is_enabled;
	} cases[] = {
		{ "", false },
		{ "proc /proc proc rw 0 0\nselinuxfs /x", false },
		{ "selinuxfs /sys/fs/selinux sysfs rw 0 0\n", false },
		{ "proc /proc proc rw 0 0\nselinuxfs /sys/fs/selinux selinuxfs rw,relatime 0 0\n", true },
		{ "none /selinux selinuxfs", true },
		{ "\n\n \n  \nnone /selinux selinuxfs x", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(selinux_freep) struct selinux *s = selinux_new(dir);

		make_file("self/mounts", cases[i].mounts, strlen(cases[i].mounts));
		CHECK(s && selinux_is_enabled(s, NULL) == cases[i].is_enabled);
	}
	CHECK(unlink(path_of("self/mounts")) == 0);
	_cleanup_(selinux_freep) struct selinux *s = selinux_new(dir);
	struct err e = {};

	CHECK(s && selinux_is_enabled(s, &e) == -ENOENT && strstr(e.text, "self/mounts"));
}

/* Behind more mounts than once were read, in a path with bytes that are written as numbers. */
static void test_many_mounts(void)
{
	struct text t = {};
	_cleanup_(selinux_freep) struct selinux *s = selinux_new(dir);

	for (int i = 0; i < 2000; i++)
		text_printf(&t, "overlay /var/lib/%d overlay rw,lowerdir=/x/%d/%d/%d/%d 0 0\n", i, i, i, i,
			    i);
	text_printf(&t, "none %s/a\\040b\\134\r selinuxfs rw 0 0\n", dir);
	CHECK(!t.failed && t.len > 64 * 1024);
	make_file("self/mounts", t.p, t.len);
	make_file("a b\\\r/initial_contexts/kernel", "of a blank", 10);
	CHECK(s && selinux_is_enabled(s, NULL) == 1);
	t.len = 0;
	CHECK(selinux_of_process(s, 0, &t) && is_text(&t, "of a blank"));
	text_done(&t);
}

static void test_process(void)
{
	char mounts[300];
	struct text t = {};

	snprintf(mounts, sizeof(mounts), "none %s selinuxfs rw 0 0\n", path_of("fs"));
	make_file("self/mounts", mounts, strlen(mounts));
	make_file("fs/initial_contexts/kernel", "system_u:system_r:kernel_t:s0", 30);
	make_file("7/attr/current", "user_u:role\n\0\n", 14);
	make_file("8/attr/current", "\n", 1);
	make_file("9/attr/current", "a\033[1mb", 6);

	_cleanup_(selinux_freep) struct selinux *s = selinux_new(dir);

	CHECK(s && selinux_of_process(s, 0, &t) && is_text(&t, "system_u:system_r:kernel_t:s0"));
	for (unsigned int i = 0; i < 2; i++) { /* the second time from memory */
		CHECK(selinux_of_process(s, 7, &t) && is_text(&t, "user_u:role"));
		CHECK(!selinux_of_process(s, 8, &t) && !t.len);
		CHECK(!selinux_of_process(s, 8, &t) && !t.len);
		CHECK(!selinux_of_process(s, 10, &t) && !t.len);
		CHECK(selinux_of_process(s, 9, &t) && is_text(&t, "a.[1mb"));
		CHECK(selinux_of_process(s, 7, &t) && selinux_of_process(s, 7, &t) &&
		      is_text(&t, "user_u:roleuser_u:role"));
	}
	text_done(&t);
}

static void test_socket(void)
{
	struct text t = {};
	_cleanup_(selinux_freep) struct selinux *s = selinux_new(dir);

	make_file("7/fd/3", "", 0);
	CHECK(s && !selinux_of_socket(s, 7, 4, &t) && !t.len);
	if (setxattr(path_of("7/fd/3"), "security.selinux", "u:object_r:t:s0", 16, 0) == 0)
		CHECK(selinux_of_socket(s, 7, 3, &t) && is_text(&t, "u:object_r:t:s0"));
	else
		printf("not all was tried: no security.selinux attribute here: %s\n", strerror(errno));
	text_done(&t);
}

static bool show_context(void *, struct text *t, uint32_t pid)
{
	if (pid == 12)
		return false;
	text_printf(t, "p%u", pid);
	return true;
}

static bool show_socket_context(void *, struct text *t, uint32_t pid, uint32_t fd)
{
	if (pid == 12)
		return false;
	text_printf(t, "s%u.%u", pid, fd);
	return true;
}

/* The text of one established TCP socket with two owners. */
static const char *shown(uint32_t show)
{
	static char line[1024];
	const struct names names = { .context = show_context, .socket_context = show_socket_context };
	const struct classic_opts o = { .show = show | SHOW_NUMERIC | SHOW_PROCESS | SHOW_NO_HEADER,
					.names = &names };
	struct owner owner[] = { { .pid = 12, .fd = 4, .comm = sv("b") },
				 { .pid = 11, .tid = 13, .holder = 13, .fd = 3, .comm = sv("a") } };
	const struct owners owners = { .v = owner, .n = ARRAY_SIZE(owner) };
	const struct seg_dump origin = { .table = TABLE_TCP, .protocol = IPPROTO_TCP };
	struct {
		struct nlmsghdr header;
		struct inet_diag_msg msg;
	} m = { .header = { .nlmsg_len = sizeof(m) },
		.msg = { .idiag_family = AF_INET, .idiag_state = K_TCP_ESTABLISHED } };
	struct sink *sink = NULL;
	FILE *f = tmpfile();
	struct out out;
	struct row row;

	CHECK(f && out_init(&out, fileno(f)) == 0 && classic_new(&o, &out, &sink) == 0);
	CHECK(row_open(&row, &family_inet, &origin, &m.header) == 0);
	row_put(&row, SEG_OWNERS, &owners, sizeof(owners));
	CHECK(sink->ops->row(sink, &row) == 0);
	CHECK(sink->ops->end(sink) == 0 && out_done(&out) == 0);
	(void)classic_free(sink);
	rewind(f);
	CHECK(fgets(line, sizeof(line), f) && fclose(f) == 0);
	line[strcspn(line, "\n")] = '\0';
	while (*line && line[strlen(line) - 1] == ' ')
		line[strlen(line) - 1] = '\0';
	return strstr(line, "users:(") ? strstr(line, "users:(") : line;
}

static void test_shown(void)
{
	const char *both = "users:((\"b\",pid=12,proc_ctx=unavailable,fd=4,sock_ctx=unavailable),"
			   "(\"a\",pid=11,tid=13,proc_ctx=p13,fd=3,sock_ctx=s13.3))";

	CHECK_STR(shown(0), "users:((\"b\",pid=12,fd=4),(\"a\",pid=11,tid=13,fd=3))");
	CHECK_STR(shown(SHOW_CONTEXT), "users:((\"b\",pid=12,proc_ctx=unavailable,fd=4),"
				       "(\"a\",pid=11,tid=13,proc_ctx=p13,fd=3))");
	CHECK_STR(shown(SHOW_SOCKET_CONTEXT), both);
	CHECK_STR(shown(SHOW_CONTEXT | SHOW_SOCKET_CONTEXT), both);
}

int main(void)
{
	static const char *const dirs[] = { "self",   "fs",      "fs/initial_contexts",
					    "7",      "7/attr",  "7/fd",
					    "8",      "8/attr",  "9",
					    "9/attr", "a b\\\r", "a b\\\r/initial_contexts" };
	static const char *const files[] = { "self/mounts",
					     "fs/initial_contexts/kernel",
					     "7/attr/current",
					     "7/fd/3",
					     "8/attr/current",
					     "9/attr/current",
					     "a b\\\r/initial_contexts/kernel" };

	CHECK(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		make_dir(dirs[i]);
	test_enabled();
	test_many_mounts();
	test_process();
	test_socket();
	test_shown();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		CHECK(unlink(path_of(files[i])) == 0);
	for (size_t i = ARRAY_SIZE(dirs); i; i--)
		CHECK(rmdir(path_of(dirs[i - 1])) == 0);
	CHECK(rmdir(dir) == 0);
	return 0;
}
