/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Facts about a process that its folder in /proc has: what it is called in truth, what it runs, as whom,
 * since when. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "base/file.h"
#include "base/num.h"
#include "enrich/parts.h"
#include "enrich/proc_stat.h"
#include "enrich/users.h"

enum { COMM_CUT = 15, CMDLINE_MAX = 64 << 10, SMALL_MAX = 4096 };

/* Appends up to @max bytes of the file PID/@leaf. Returns 0 or a negative errno. */
static int read_file(const struct part_of *of, uint32_t pid, const char *leaf, size_t max, struct text *ret)
{
	_cleanup_close_ int fd = -1;
	char path[48];
	ssize_t n = 1;

	(void)snprintf(path, sizeof(path), "%u/%s", pid, leaf);
	fd = file_open_at(of->root, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return fd;
	for (size_t left = max; n > 0 && left; left -= (size_t)n) {
		size_t step = left < SMALL_MAX ? left : SMALL_MAX;
		char *d = text_room(ret, step);

		n = d ? file_read_some(fd, d, step) : -ENOMEM;
		if (n <= 0)
			return (int)n;
		ret->len += (size_t)n;
	}
	return 0;
}

/* The stat of @pid; its command points into @t. */
static int read_stat(const struct part_of *of, uint32_t pid, struct text *t, struct proc_stat *ret)
{
	int r = read_file(of, pid, "stat", SMALL_MAX, t);

	if (r < 0)
		return r;
	return proc_stat_parse(sv_n(t->p, t->len), ret) ? 0 : -EBADMSG;
}

static int read_exe(const struct part_of *of, struct text *ret)
{
	char *d = text_room(ret, PATH_MAX), path[32];
	ssize_t n;

	if (!d)
		return -ENOMEM;
	(void)snprintf(path, sizeof(path), "%u/exe", of->pid);
	n = readlinkat(of->root, path, d, PATH_MAX);
	if (n < 0)
		return -errno;
	ret->len += (size_t)n;
	return 0;
}

int part_exe(const struct part_of *of, struct text *ret)
{
	return read_exe(of, ret);
}

int part_cmdline(const struct part_of *of, struct text *ret)
{
	size_t from = ret->len;
	int r = read_file(of, of->pid, "cmdline", CMDLINE_MAX, ret);
	bool is_cut = ret->len - from == CMDLINE_MAX;

	while (ret->len > from && ret->p[ret->len - 1] == '\0')
		ret->len--;
	for (size_t i = from; i < ret->len; i++)
		if (ret->p[i] == '\0')
			ret->p[i] = ' ';
	if (is_cut)
		text_str(ret, " ...");
	return r;
}

/* The line "Uid:" of the status has the real, the effective, the saved and the file system's. */
int part_user(const struct part_of *of, struct text *ret)
{
	struct text t = {};
	int r = read_file(of, of->pid, "status", SMALL_MAX, &t);
	struct sv rest = sv_n(t.p, t.len), name;
	uint64_t uid;

	while (r == 0 && rest.len) {
		struct sv line = sv_take(&rest, '\n');

		if (!sv_is(sv_word(&line), "Uid:"))
			continue;
		(void)sv_word(&line);
		if (num_read(sv_word(&line), 10, UINT32_MAX, &uid)) {
			name = users_name(of->users, (uint32_t)uid);
			text_sv(ret, name);
			r = name.len ? 0 : -ENOMEM;
		}
		break;
	}
	text_done(&t);
	return r;
}

/* proc_pid_stat(5); of letters that no current kernel has, nothing. */
int part_state(const struct part_of *of, struct text *ret)
{
	static const struct {
		char letter;
		const char *word;
	} words[] = {
		{ 'R', "running" }, { 'S', "sleeping" }, { 'D', "disk-sleep" }, { 'T', "stopped" },
		{ 't', "stopped" }, { 'Z', "zombie" },   { 'I', "idle" },       { 'X', "dead" },
	};
	struct text t = {};
	struct proc_stat stat = {};
	int r = read_stat(of, of->pid, &t, &stat);

	for (size_t i = 0; i < ARRAY_SIZE(words) && r == 0; i++)
		if (words[i].letter == stat.state)
			text_str(ret, words[i].word);
	text_done(&t);
	return r;
}

/* The line "Max open files" of its limits has the soft and the hard one. */
int part_files_max(const struct part_of *of, struct text *ret)
{
	static const char begin[] = "Max open files";
	struct text t = {};
	int r = read_file(of, of->pid, "limits", SMALL_MAX, &t);

	for (struct sv rest = sv_n(t.p, t.len); r == 0 && rest.len;) {
		struct sv line = sv_take(&rest, '\n');

		if (!sv_is(sv_first(line, sizeof(begin) - 1), begin))
			continue;
		line = sv_from(line, sizeof(begin) - 1);
		text_sv(ret, sv_word(&line));
		break;
	}
	text_done(&t);
	return r;
}

/* The kernel tells in whole seconds when it began, so it is no more exact than that. */
int part_start(const struct part_of *of, struct text *ret)
{
	const long ticks = sysconf(_SC_CLK_TCK);
	struct text t = {};
	struct proc_stat stat;
	int r = read_stat(of, of->pid, &t, &stat);

	if (r == 0 && (!of->boot_s || ticks <= 0 || !stat.is_whole))
		r = -ENODATA;
	if (r == 0) {
		text_time(ret, (of->boot_s + stat.start / (uint64_t)ticks) * 1000000);
		if (ret->len > sizeof(".000000Z")) {
			ret->len -= sizeof(".000000Z") - 1;
			text_char(ret, 'Z');
		}
	}
	text_done(&t);
	return r;
}

int part_parent(const struct part_of *of, struct text *ret)
{
	struct text t = {}, of_parent = {};
	struct proc_stat stat = {}, parent = {};
	int r = read_stat(of, of->pid, &t, &stat);

	if (r == 0)
		r = stat.ppid ? read_stat(of, stat.ppid, &of_parent, &parent) : -ENOENT;
	if (r == 0)
		text_sv(ret, parent.comm);
	text_done(&t);
	text_done(&of_parent);
	return r;
}

static struct sv base_name(struct sv path)
{
	const struct sv gone = sv(" (deleted)");
	ptrdiff_t slash;

	if (path.len > gone.len && sv_eq(sv_from(path, path.len - gone.len), gone))
		path.len -= gone.len;
	slash = sv_rfind(path, '/');
	return slash < 0 ? path : sv_from(path, (size_t)slash + 1);
}

static bool begins(struct sv s, struct sv with)
{
	return with.len && sv_eq(sv_first(s, with.len), with);
}

/* The name of a program, or of the script that it was given, of which @comm may be the beginning. */
static struct sv whole_name(struct sv comm, struct sv cmdline, struct sv exe)
{
	struct sv first = base_name(sv_take(&cmdline, '\0')), second = base_name(sv_take(&cmdline, '\0'));
	struct sv names[] = { base_name(exe), first, second };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (comm.len == COMM_CUT ? begins(names[i], comm) : sv_eq(names[i], comm))
			return names[i];
	return (struct sv){};
}

int part_full_name(const struct part_of *of, struct text *ret)
{
	struct text t = {}, cmdline = {}, exe = {};
	struct proc_stat stat = {};
	struct sv whole, program, args;
	int r = read_stat(of, of->pid, &t, &stat);

	(void)read_file(of, of->pid, "cmdline", CMDLINE_MAX, &cmdline);
	(void)read_exe(of, &exe); /* not everybody may */
	args = sv_n(cmdline.p, cmdline.len);
	whole = whole_name(stat.comm, args, sv_n(exe.p, exe.len));
	program = exe.len ? sv_n(exe.p, exe.len) : sv_take(&args, '\0');
	if (!exe.len && sv_find(program, ' ') >= 0) /* it writes something else there */
		program = (struct sv){};
	program = base_name(program);
	if (r == 0)
		text_sv(ret, whole.len ? whole : stat.comm);
	/* It calls itself something else. */
	if (r == 0 && !whole.len && program.len)
		text_printf(ret, " [%.*s]", SV_ARG(program));
	text_done(&t);
	text_done(&cmdline);
	text_done(&exe);
	return r;
}
