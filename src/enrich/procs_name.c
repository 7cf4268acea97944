/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The name of a task. */

#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "enrich/procs_impl.h"

/* Sets *@ret to the first bytes of a small file. Returns 0 or a negative errno. */
static int read_small(struct worker *w, const char *path, struct sv *ret)
{
	_cleanup_close_ int fd = file_open_at(w->p->root, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n = fd < 0 ? fd : file_read_some(fd, w->buf, 4096);

	*ret = sv_n(w->buf, n > 0 ? (size_t)n : 0);
	return n < 0 ? (int)n : 0;
}

/*
 * Reading the name of @t failed with @r: who has ended, or may not be looked into, is no owner; of another
 * the name alone is missing, which is remembered. Returns 0, or a negative errno when nothing can be read.
 */
static int lack_name(struct worker *w, struct task *t, int r, const char *path)
{
	struct procs *p = w->p;
	bool is_barred = procs_is_barred(r);

	if (r == -EMFILE || r == -ENFILE)
		return procs_fail(w, r, "reading", path);
	if (is_barred)
		procs_hide(p, t);
	else if (!procs_is_gone(p, r) && !w->name_result)
		w->name_result = procs_fail(w, r, "reading", path);
	if (p->is_procfs && (is_barred || procs_is_gone(p, r)))
		(void)atomic_fetch_or_explicit(&t->flags, TASK_NAMELESS, memory_order_relaxed);
	return 0;
}

/* A name may contain brackets, blanks and line feeds, what follows it in the file may not. */
static struct sv comm_of_stat(struct sv stat)
{
	ptrdiff_t from = sv_find(stat, '('), to = sv_rfind(stat, ')');

	if (from < 0 || to < from)
		return (struct sv){};
	return sv_first(sv_n(stat.p + from + 1, (size_t)(to - from - 1)), PROCS_COMM_MAX);
}

/* Work: the texts of a task. */
static int read_name(struct worker *w, const struct unit *u)
{
	struct procs *p = w->p;
	struct task *t = &p->task[u->task];
	const struct task *table = t->is_sharing ? &p->task[t->main] : t;
	char path[PROCS_PATH];
	struct sv s;
	int r;

	if (!(atomic_load_explicit(&table->flags, memory_order_relaxed) & TASK_HAS_SOCKET))
		return 0;
	t->name.worker = (uint8_t)(w - p->worker);
	if (procs_is_apart(p, t)) /* as its process is called */
		procs_path(&(struct task){ .pid = t->pid, .tid = t->pid }, "stat", path);
	else
		procs_path(t, "stat", path);
	r = read_small(w, path, &s);
	if (r < 0)
		r = lack_name(w, t, r, path);
	if (r < 0)
		return r;
	s = comm_of_stat(s);
	t->name.comm = w->text.len;
	t->name.comm_len = (uint8_t)s.len;
	text_sv(&w->text, s);
	return w->text.failed ? procs_fail(w, -ENOMEM, "keeping", path) : 0;
}

int procs_names(struct procs *p, size_t from, struct err *e)
{
	int r = procs_run(p, read_name, from, e);

	for (unsigned int i = 0; i < p->n_worker; i++) {
		const struct worker *w = &p->worker[p->first + i];

		if (w->name_result && !p->name_result)
			p->name_result = err_say(&p->name_why, w->name_result, "%s", w->err.text);
	}
	return r;
}
