/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/merged.h"

#include <errno.h>
#include <unistd.h>

#include "base/child.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "cli/output.h"
#include "cli/tell.h"

enum { EXIT_FOUND = 1, NAMES_MAX = 16 << 20 };

static int answer(struct cli *c, merged_take *take, void *ctx, struct out *out, struct err *e)
{
	const struct tabulate_opts *t = &c->q.tabulate;
	bool is_asked = request_has(&c->q, FEATURE_HOSTS) && !request_has(&c->q, FEATURE_MERGE);
	struct merge_opts mo = { .by = is_asked ? NULL : t->by,
				 .having = t->having,
				 .sort = t->sort,
				 .limit = t->limit,
				 .has_limit = t->has_limit,
				 .is_for_people = !t->format || !strcmp(t->format, FORMAT_DEFAULT),
				 .notes = &c->notes };
	_cleanup_(tabular_freep) struct tabular *format = NULL;
	_cleanup_(merge_freep) struct merge *m = NULL;
	int r = output_open_format(c, false, out, &format), end = 0;

	mo.to = format;
	if (r >= 0)
		r = merge_new(&mo, &m);
	if (r >= 0)
		r = take(c, m, ctx, e);
	if (r >= 0)
		r = merge_answer(m, e);
	if (r >= 0)
		end = format->ops->end(format, &c->notes);
	if (r < 0 || end < 0)
		return r < 0 ? r : end;
	return merge_has_findings(m) ? EXIT_FOUND : 0;
}

int merged_tell(struct cli *c, merged_take *take, void *ctx)
{
	struct err e = {};
	struct out out;
	int r = out_init(&out, STDOUT_FILENO), end;

	if (r < 0)
		return tell_output(c, r);
	r = answer(c, take, ctx, &out, &e);
	end = out_done(&out);
	if (r == -EINVAL || r == -E2BIG)
		return tell_failure(c, EXIT_USAGE, &e);
	if (r < 0 && e.text[0])
		return tell_failure(c, EXIT_FAILED, &e);
	if (r < 0 || end < 0)
		return tell_output(c, r < 0 ? r : end);
	return r && !notes_is_whole(&c->notes) ? EXIT_NEW_INCOMPLETE : r;
}

/* A name that begins so would be an option to whatever logs in there. */
static int check_name(struct sv name, struct err *e)
{
	if (name.len && name.p[0] == '-')
		return err_say(e, -EINVAL, "--hosts: \"%.*s\" is no name of a host: it begins with -",
			       SV_ARG(name));
	for (size_t i = 0; i < name.len; i++)
		if (name.p[i] <= ' ' || name.p[i] == 0x7f)
			return err_say(e, -EINVAL, "--hosts: \"%.*s\" is no name of a host", SV_ARG(name));
	return 0;
}

/* What the words of ClusterShell, groups and ranges, stand for: a name a line. */
static int expand(const char *nodes, struct text *ret, struct err *e)
{
	char program[] = "nodeset", expands[] = "-e", with[] = "-S", end[] = "\\n";
	_cleanup_free_ char *copy = strdup(nodes);
	char *const argv[] = { program, expands, with, end, copy, NULL };
	struct child child;
	ssize_t got = 1;
	int r = copy ? child_start(argv, &(struct child_opts){}, &child) : -ENOMEM, status;

	if (r == -ENOENT)
		return err_say(
			e, -ENOENT,
			"--hosts: groups and ranges of hosts are ClusterShell's: install clustershell");
	if (r < 0)
		return err_sys(e, r, "nodeset");
	while (got > 0 && ret->len < NAMES_MAX) {
		char *room = text_room(ret, 65536);

		got = room ? file_read_some(child.out, room, 65536) : -ENOMEM;
		ret->len += got > 0 ? (size_t)got : 0;
	}
	status = child_end(&child, got > 0);
	if (got < 0)
		return err_sys(e, (int)got, "nodeset");
	return status ? err_say(e, -EINVAL, "--hosts: ClusterShell does not know \"%s\"", nodes) : 0;
}

int merged_expect(struct cli *c, struct merge *m, struct err *e)
{
	_cleanup_(text_done) struct text names = {};
	struct sv all = c->q.hosts ? sv(c->q.hosts) : (struct sv){}, name;
	bool is_plain = c->q.hosts && !strpbrk(c->q.hosts, "@[]!&^%");
	int r = 0;

	while (all.p && r == 0)
		r = check_name(sv_take(&all, ','), e);
	if (r < 0 || !c->q.hosts)
		return r;
	all = sv(c->q.hosts);
	if (!is_plain) {
		r = expand(c->q.hosts, &names, e);
		all = sv_n(names.len ? names.p : "", names.len);
	}
	while (all.p && r == 0) {
		name = sv_take(&all, is_plain ? ',' : '\n');
		if (!name.len)
			continue;
		r = check_name(name, e);
		if (r == 0 && !roll_find(merge_roll(m), name, sv("")))
			r = err_sys(e, -ENOMEM, "--hosts");
	}
	if (r == 0 && !merge_roll(m)->n)
		r = err_say(e, -EINVAL, "--hosts: \"%s\" is no host", c->q.hosts);
	return r;
}

size_t merged_expected(struct merge *m)
{
	return merge_roll(m)->n;
}
