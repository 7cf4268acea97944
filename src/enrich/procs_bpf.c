/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Descriptor tables read by BPF programs in the kernel, at a twentieth of
 * what /proc costs for each descriptor, plus the loading.
 */

#include <assert.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"
#include "bpf/files_read.h"
#include "enrich/procs_impl.h"

enum {
	WORTH = 3000, /* open files; loading takes as long as reading so many in /proc */
};

struct program {
	struct bpf_load *load; /* NULL: not loaded */
	struct files_window *window;
	int failed; /* why it cannot be, a negative errno, with the detail */
	struct err why;
};

struct procs_kept {
	struct program program[3]; /* of the walk of tables; of the iterator, without and with threads */
};

static_assert(sizeof(struct find) == sizeof(struct files_find), "a find is copied as it is");

/* Appends @n finds as a run of the task @task. */
static int add_finds(struct worker *w, uint32_t task, const struct files_find *v, uint32_t n)
{
	int r = procs_grow(&w->run, w->n_run, &w->cap_run, sizeof(*w->run));

	while (!r && w->cap < w->n + n)
		r = procs_grow(&w->v, w->cap, &w->cap, sizeof(*w->v));
	if (r < 0)
		return r;
	memcpy(w->v + w->n, v, n * sizeof(*v));
	w->run[w->n_run++] = (struct run){ .task = task, .fd = v[0].fd, .at = w->n, .n = n };
	w->n += n;
	return 0;
}

static int add_task(struct procs *p, const struct files_task *from)
{
	struct worker *w = &p->worker[0];
	int r = procs_grow(&p->task, p->n_task, &p->cap_task, sizeof(*p->task));
	struct task *t;

	if (r < 0)
		return r;
	t = &p->task[p->n_task];
	*t = (struct task){ .pid = from->pid, .tid = from->tid, .main = (uint32_t)p->n_task++ };
	t->is_sharing = from->is_sharing;
	t->name.comm = w->text.len;
	t->name.comm_len = (uint8_t)strnlen(from->comm, sizeof(from->comm));
	text_put(&w->text, from->comm, t->name.comm_len);
	return w->text.failed ? -ENOMEM : 0;
}

/* A reading under way. */
struct reading {
	struct procs *p;
	struct files_window *window;
};

/* Takes what is in the window out of it. */
static int empty_window(void *ctx)
{
	const struct reading *at = ctx;
	struct procs *p = at->p;
	struct files_window *window = at->window;
	uint32_t n_task = window->n_task, left = window->n_find;
	const struct files_find *v = window->find;

	if (n_task > FILES_TASKS || left > FILES_FINDS)
		return -EBADMSG;
	for (uint32_t i = 0; i < n_task; i++) {
		const struct files_task *t = &window->task[i];
		int r = t->n_find <= left ? add_task(p, t) : -EBADMSG;

		if (!r && t->n_find)
			r = add_finds(&p->worker[0], (uint32_t)p->n_task - 1, v, t->n_find);
		if (r < 0)
			return r;
		v += t->n_find;
		left -= t->n_find;
	}
	window->n_task = window->n_find = 0;
	return 0;
}

static int compare_tasks(const void *a, const void *b)
{
	const struct task *x = a, *y = b;
	bool is_x_main = x->tid == x->pid, is_y_main = y->tid == y->pid;

	if (x->pid != y->pid)
		return (x->pid > y->pid) - (x->pid < y->pid);
	if (is_x_main != is_y_main)
		return is_x_main ? -1 : 1;
	if (x->tid != y->tid)
		return (x->tid > y->tid) - (x->tid < y->tid);
	return (x->main > y->main) - (x->main < y->main);
}

/* Puts @t, the next in order, at the end of the @n_kept first tasks, unless it is the last of them told
 * again. */
static void keep_task(struct procs *p, const struct task *t, size_t *n_kept)
{
	const struct task *last = *n_kept ? &p->task[*n_kept - 1] : NULL;
	bool is_same = last && last->pid == t->pid;

	if (is_same && last->tid == t->tid)
		return;
	p->task[*n_kept] = *t;
	p->task[*n_kept].main = is_same ? last->main : (uint32_t)*n_kept;
	++*n_kept;
}

/* Sorts the tasks, each once, and says in the runs where they are now. */
static int order_tasks(struct procs *p)
{
	struct worker *w = &p->worker[0];
	_cleanup_free_ uint32_t *now = calloc(p->n_task + 1, sizeof(*now));
	size_t n = 0;

	if (!now)
		return -ENOMEM;
	if (p->n_task)
		qsort(p->task, p->n_task, sizeof(*p->task), compare_tasks);
	for (size_t i = 0; i < p->n_task; i++) {
		uint32_t was = p->task[i].main;
		struct task t = p->task[i];

		keep_task(p, &t, &n);
		now[was] = (uint32_t)n - 1;
	}
	p->n_task = n;
	for (size_t i = 0; i < w->n_run; i++) {
		w->run[i].task = now[w->run[i].task];
		p->task[w->run[i].task].is_sharing = false; /* it may have been when it was listed */
	}
	for (size_t i = 0; i < n; i++) {
		struct task *t = &p->task[i], *main = &p->task[t->main];

		t->is_sharing = t->is_sharing && main->tid == main->pid;
		main->n_thread += t != main;
		main->n_sharing += t->is_sharing;
	}
	return 0;
}

/* Forgets what was read. */
static void start_again(struct procs *p)
{
	struct worker *w = &p->worker[0];

	p->n_task = 0;
	p->n_hidden = 0;
	w->n = w->n_run = w->text.len = 0;
}

/* Loads the program of @way. */
static int load(enum procs_way way, bool want_threads, struct program *ret, struct err *e)
{
	const struct bpf_image *image = way == PROCS_FD_TABLE ? &bpf_image_files : &bpf_image_task_file;
	_cleanup_(bpf_load_closep) struct bpf_load *l = NULL;
	size_t len = 0;
	void *bss;
	int r = bpf_load_open(image, &l, e);

	if (r < 0)
		return r;
	if (way == PROCS_TASK_FILE && !want_threads)
		r = bpf_load_without(l, "each_task", e);
	if (!r)
		r = bpf_load_finish(l, e);
	if (!r)
		r = bpf_load_mmap(l, ".bss", &bss, &len, e);
	if (r < 0)
		return r;
	if (len != sizeof(struct files_window))
		return err_say(e, -EINVAL, "BPF program %s has a window of %zu bytes", image->name, len);
	*ret = (struct program){ .load = take_ptr(l), .window = bss };
	return 0;
}

static void unload(struct program *f)
{
	f->load = bpf_load_close(f->load);
}

struct procs_kept *procs_kept_free(struct procs_kept *k)
{
	for (size_t i = 0; k && i < ARRAY_SIZE(k->program); i++)
		unload(&k->program[i]);
	free(k);
	return NULL;
}

/* Where the program of @way is kept; NULL where none is. */
static struct program *find_kept(struct procs *p, enum procs_way way)
{
	struct procs_kept **kept = p->o.kept;

	if (kept && !*kept)
		*kept = calloc(1, sizeof(**kept));
	if (!kept || !*kept)
		return NULL;
	return &(*kept)->program[way == PROCS_FD_TABLE ? 0 : 1 + p->o.want_threads];
}

/* Loads it, unless it is there or was not to be had before. */
static int load_once(struct procs *p, enum procs_way way, struct program *f, struct err *e)
{
	int r;

	if (f->load)
		return 0;
	if (f->failed)
		return err_say(e, f->failed, "%s", f->why.text);
	r = load(way, p->o.want_threads, f, &f->why);
	if (r < 0)
		(void)err_say(e, r, "%s", f->why.text);
	if (r != -ENOMEM)
		f->failed = r;
	return r;
}

static int read_with(struct procs *p, enum procs_way way, struct program *f, struct err *e)
{
	struct files_window *window = f->window;
	struct reading at = { p, window };
	int r = 0;

	/* What the last reading left, of tasks and tables that may have gone. */
	memset(window, 0, offsetof(struct files_window, task));
	window->want_threads = p->o.want_threads;
	start_again(p);
	if (way == PROCS_FD_TABLE || p->o.want_threads)
		r = files_read(f->load, "each_task", empty_window, &at, e);
	if (!r && way == PROCS_TASK_FILE)
		r = files_read(f->load, "each_file", empty_window, &at, e);
	if (!r) {
		r = order_tasks(p);
		r = r < 0 ? err_sys(e, r, "reading descriptor tables") : 0;
	}
	if (r < 0)
		start_again(p);
	return r;
}

int procs_bpf(struct procs *p, enum procs_way way, struct err *e)
{
	struct program once = {}, *kept = find_kept(p, way), *f = kept ? kept : &once;
	int r = load_once(p, way, f, e);

	if (r >= 0)
		r = read_with(p, way, f, e);
	if (!kept || r < 0)
		unload(f);
	return r;
}

static bool has_privilege(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2] = {};
	uint64_t have;
	const uint64_t all = UINT64_C(1) << CAP_SYS_ADMIN;
	const uint64_t both = UINT64_C(1) << CAP_BPF | UINT64_C(1) << CAP_PERFMON;

	if (syscall(SYS_capget, &h, d) < 0)
		return false;
	have = (uint64_t)d[1].effective << 32 | d[0].effective;
	return have & all || (have & both) == both;
}

/* How many files are open on this machine, in whichever processes; 0 when that is not told. */
static uint64_t count_files(void)
{
	struct text t = {};
	uint64_t n = 0;
	struct sv s;
	ptrdiff_t end;

	if (file_read("/proc/sys/fs/file-nr", 256, &t) == 0) {
		s = sv_n(t.p, t.len);
		end = sv_find(s, '\t');
		if (end < 0 || !num_read(sv_first(s, (size_t)end), 10, UINT64_MAX, &n))
			n = 0;
	}
	text_done(&t);
	return n;
}

enum procs_way procs_way_likely(void)
{
	bool pays = bpf_load_is_built() && has_privilege() && count_files() >= WORTH;

	return pays ? PROCS_FD_TABLE : PROCS_PROC;
}
