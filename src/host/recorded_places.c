/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The network namespaces of a recording. */

#include <errno.h>

#include "host/recorded_impl.h"

enum { PLACES_MAX = 1 << 20 }; /* more are no facts */

/* Of the namespaces in the sample the one called @name, or NULL for the first; 0: there is none. */
static uint32_t find_place(const struct recorded *r, const char *name)
{
	struct sv key, value;
	size_t at = 0;

	while (store_next_fact(r->reader, FACT_PLACE, &at, &key, &value) > 0) {
		bool is = name ? sv_is(fact_member(value, PLACE_NAME), name)
			       : !fact_u64(fact_member(value, PLACE_ORDER));

		if (is)
			return (uint32_t)fact_key_take(&key, 4);
	}
	return 0;
}

bool recorded_find_home(struct recorded *r)
{
	uint32_t home = find_place(r, r->home_name);

	r->home = r->names_of = home;
	return home || !r->home_name;
}

/* A number stands for the namespace that has it: who looks has no process there. */
int recorded_enter(struct host *h, const char *name, struct err *e)
{
	struct recorded *r = recorded_of(h);
	char *own = strdup(name);

	if (!own)
		return err_sys(e, -ENOMEM, "%s", name);
	if (!find_place(r, name)) {
		free(own);
		return err_say(e, -ENOENT, "the recording %s has no network namespace called %s", r->file,
			       name);
	}
	free(r->home_name);
	r->home_name = own;
	(void)recorded_find_home(r);
	return 0;
}

static int compare_numbers(const void *a, const void *b, void *list)
{
	const struct netns *v = ((const struct netns_list *)list)->v;
	uint32_t x = v[*(const size_t *)a].ino, y = v[*(const size_t *)b].ino;

	return (x > y) - (x < y);
}

static size_t count_places(const struct recorded *r)
{
	struct sv key, value;
	size_t at = 0, n = 0;

	while (n < PLACES_MAX && store_next_fact(r->reader, FACT_PLACE, &at, &key, &value) > 0)
		n++;
	return n;
}

/* In the order in which they were asked, with home in front. */
struct one_place {
	uint64_t order;
	uint32_t ino;
	struct sv name;
	int64_t n_tcp;
};

static int compare_order(const void *a, const void *b)
{
	const struct one_place *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

static void read_places(const struct recorded *r, struct one_place *v, size_t n)
{
	struct sv key, value;
	size_t at = 0;

	for (size_t i = 0; i < n && store_next_fact(r->reader, FACT_PLACE, &at, &key, &value) > 0; i++) {
		v[i].ino = (uint32_t)fact_key_take(&key, 4);
		v[i].name = fact_member(value, PLACE_NAME);
		v[i].order = fact_u64(fact_member(value, PLACE_ORDER)) + 1;
		if (v[i].ino == r->home)
			v[i].order = 0;
		v[i].n_tcp = (int64_t)fact_u64(fact_member(value, PLACE_N_TCP)) - 1;
	}
	qsort(v, n, sizeof(*v), compare_order);
}

static int fill(struct netns_list *l, struct places *p, const struct one_place *v, size_t n)
{
	l->v = calloc(n, sizeof(*l->v));
	l->by_ino = calloc(n, sizeof(*l->by_ino));
	p->v = calloc(n, sizeof(*p->v));
	p->is_open = calloc(n, sizeof(*p->is_open));
	if (!l->v || !l->by_ino || !p->v || !p->is_open)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		l->v[i] = (struct netns){ .ino = v[i].ino,
					  .fd = -1,
					  .name = strndup(v[i].name.len ? v[i].name.p : "", v[i].name.len) };
		if (!l->v[i].name)
			return -ENOMEM;
		l->n++;
		l->by_ino[i] = i;
		p->v[i] = (struct place){
			.i = i, .ino = v[i].ino, .fd = -1, .name = l->v[i].name, .n_tcp = v[i].n_tcp
		};
		p->is_open[i] = true;
	}
	qsort_r(l->by_ino, n, sizeof(*l->by_ino), compare_numbers, l);
	p->list = l;
	p->n = n;
	return 0;
}

/* Which ones are missing was found out when it was recorded. */
static void tell_missing(const struct recorded *r, struct notes *notes)
{
	struct sv key, value;
	size_t at = 0;

	while (store_next_fact(r->reader, FACT_NOTE, &at, &key, &value) > 0) {
		struct sv text = fact_member(value, NOTED_TEXT);

		if (fact_u64(fact_member(value, NOTED_OF_PLACES)))
			notes_add(notes,
				  fact_u64(fact_member(value, NOTED_KIND)) == NOTE_ERROR ? NOTE_ERROR
											 : NOTE_WARNING,
				  "when it was recorded: %.*s", SV_ARG(text));
	}
}

int recorded_places(struct host *h, enum procs_way, struct notes *notes, struct places **ret, struct err *e)
{
	struct recorded *r = recorded_of(h);
	_cleanup_(places_freep) struct places *p = calloc(1, sizeof(*p));
	size_t n = count_places(r);
	_cleanup_free_ struct one_place *v = calloc(n ? n : 1, sizeof(*v));

	if (!h->has_places)
		return err_say(e, -ENODATA,
			       "the recording %s is of one network namespace: it was made without -N all",
			       r->file);
	if (!n)
		return err_say(e, -ENODATA,
			       "the recording %s does not tell which network namespaces it is of", r->file);
	r->list = netns_list_free(r->list);
	r->list = calloc(1, sizeof(*r->list));
	if (!p || !v || !r->list)
		return err_sys(e, -ENOMEM, "network namespaces");
	read_places(r, v, n);
	if (fill(r->list, p, v, n) < 0)
		return err_sys(e, -ENOMEM, "network namespaces");
	p->n_tcp = -1;
	tell_missing(r, notes);
	*ret = take_ptr(p);
	return 0;
}
