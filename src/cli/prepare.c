/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/prepare.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "cli/past.h"
#include "host/enter.h"
#include "host/names.h"

/* --bpf-maps, or with @id --bpf-map-id. */
static int want_storage(struct cli *c, const char *id, struct err *e)
{
	static const char both[] = "--bpf-maps and --bpf-map-id do not go together: it is all maps or these";
	uint64_t number;
	int r = names_want_storage(c->host->names, e);

	if (r < 0)
		return r == -EOPNOTSUPP ? err_context(e, -EBADF, "%s", id ? "--bpf-map-id" : "--bpf-maps")
					: r;
	if (!id && c->n_map_fds)
		return err_say(e, -EBADF, both);
	if (id && c->has_all_maps)
		return err_say(e, -EEXIST, both);
	if (!id) {
		c->has_all_maps = true;
		return 0;
	}
	if (!num_read(sv(id), 0, UINT32_MAX, &number) || !number)
		return err_say(e, -ENOENT, "--bpf-map-id %s: a BPF map has a number, from 1 on (bpftool map)",
			       id);
	r = names_open_map(c->host->names, (uint32_t)number, e);
	if (r < 0)
		return r == -EINVAL || r == -EBADF ? -ENOENT : r;
	for (size_t i = 0; i < c->n_map_fds; i++) /* the kernel refuses to be told twice */
		if (c->map_fd[i] == (uint32_t)r)
			return 0;
	if (c->n_map_fds == MAP_IDS_MAX)
		notes_add(&c->notes, NOTE_WARNING, "more than %d BPF maps: map ID %s is left out",
			  MAP_IDS_MAX, id);
	else
		c->map_fd[c->n_map_fds++] = (uint32_t)r;
	return 0;
}

/* The same place in what is compared with. A recording of one network namespace is of that, whichever it is.
 */
static int enter_base(const struct cli *c, const char *name, struct err *e)
{
	struct host *h = c->base ? past_host(c->base) : NULL;

	if (!h || !h->has_places)
		return 0;
	return h->ops->enter(h, name, e) < 0 ? -EINVAL : 0;
}

/* A namespace may be called "all", too. */
static int enter_netns(struct cli *c, const struct argv_option *o, struct err *e)
{
	const struct said said = { .def = o->def, .arg = o->arg, .is_letter = o->is_letter };
	int r;

	if (!c->host->is_live && !c->host->ops->enter && strcmp(o->arg, "all") != 0)
		return err_say(e, -ENODEV, "-N %s: a recording is of one network namespace", o->arg);
	r = c->host->is_live      ? netns_enter(o->arg, &c->notes, e)
	    : c->host->ops->enter ? c->host->ops->enter(c->host, o->arg, e)
				  : -ENOENT;
	if (r == 0) {
		c->q.said[FEATURE_NETNS] = said;
		return enter_base(c, o->arg, e);
	}
	if (r != -ENOENT || strcmp(o->arg, "all") != 0)
		return c->past ? -EINVAL
			       : -ENODEV; /* whatever it failed with: the command line is understood */
	c->q.said[FEATURE_ALL_NETNS] = said;
	c->q.want_all_netns = true;
	return 0;
}

static int has_contexts(struct cli *c, struct err *e)
{
	if (c->past || c->base)
		return err_say(e, -EINVAL, "a recording has no security contexts; leave -Z and -z out");
	int r = names_has_contexts(c->host->names, e);

	return r ? r
		 : err_say(e, -ENODEV, "-Z and -z show what SELinux says, which this machine does not have");
}

/* Empties the file, unless it is the recording that is asked. */
static int empty_chart(const struct cli *c, int fd)
{
	struct stat file, asked;

	if (fstat(fd, &file) < 0)
		return -errno;
	if (c->q.from && stat(c->q.from, &asked) == 0 && asked.st_dev == file.st_dev &&
	    asked.st_ino == file.st_ino)
		return -EXDEV; /* nothing else fails with it */
	return S_ISREG(file.st_mode) && ftruncate(fd, 0) < 0 ? -errno : 0;
}

/* What would be written to standard output goes there. */
static int open_chart(const struct cli *c, const char *file, struct err *e)
{
	_cleanup_close_ int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	int r = fd < 0 ? -errno : empty_chart(c, fd);

	if (r == -EXDEV)
		return err_say(e, -EINVAL, "--chart=%s would overwrite the recording of --from", file);
	if (!r && dup2(fd, STDOUT_FILENO) < 0)
		r = -errno;
	if (r < 0)
		(void)err_sys(e, r, "--chart=%s", file);
	return r < 0 ? -ENODEV : 0; /* whatever it failed with: the command line is understood */
}

static int prepare_option(struct cli *c, const struct argv_option *o, struct err *e)
{
	switch (o->id) {
	case OPTION_NET: return enter_netns(c, o, e);
	case OPTION_CONTEXT:
	case OPTION_CONTEXTS: return has_contexts(c, e);
	case OPTION_BPF_MAPS:
	case OPTION_BPF_MAP_ID: return want_storage(c, o->arg, e);
	case OPTION_CHART: return o->arg ? open_chart(c, o->arg, e) : 0;
	default: return 0;
	}
}

int prepare(struct cli *c, int argc, char **argv, struct sv *words, struct err *e)
{
	struct argv_option o;
	struct argv a;

	argv_init(&a, argc, argv, words);
	for (size_t i = 0; i < c->q.n_options; i++) {
		int r = argv_next(&a, &o, e);

		r = r < 0 ? r : prepare_option(c, &o, e);
		if (r < 0)
			return r;
	}
	if (c->past && c->q.want_all_netns && !c->host->has_places)
		return err_say(e, -EINVAL,
			       "the recording %s is of one network namespace: it was made without -N all",
			       c->q.from);
	if (c->base && c->q.want_all_netns && !past_host(c->base)->has_places)
		return err_say(e, -EINVAL,
			       "--diff=%s is of one network namespace: it was made without -N all",
			       c->q.diff);
	return 0;
}
