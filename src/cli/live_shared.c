/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <stdlib.h>
#include <sys/eventfd.h>

#include "cli/live_worker_impl.h"
#include "host/names.h"

struct live_job *live_job_free(struct live_job *j)
{
	if (!j)
		return NULL;
	(void)filter_free(j->filter);
	free(j->filter_text);
	free(j);
	return NULL;
}

void live_worker_tell(const struct live_worker *w)
{
	(void)eventfd_write(w->o.wake, 1);
}

int live_worker_filter(struct live_worker *w, const char *text, struct filter **ret, struct err *e)
{
	const struct cli *c = w->o.c;
	struct filter_env env;
	struct sv word = sv(text ? text : "");
	int r;

	*ret = NULL;
	if (!word.len)
		return 0;
	if (!w->names)
		(void)pthread_mutex_lock(&w->asking);
	select_filter_env(&c->q.select, &w->base.select, &env);
	names_for_filter((w->names ? w->names : c->host)->names, &env);
	env.is_everywhere = c->q.want_all_netns;
	r = filter_parse(&env, &word, 1, ret, e);
	if (!w->names)
		(void)pthread_mutex_unlock(&w->asking);
	return r;
}

void live_worker_fail(struct live_worker *w, int r, const struct err *e)
{
	w->has_error = true;
	w->error.len = 0;
	text_str(&w->error, e->text[0] ? e->text : strerror(-r));
	live_worker_tell(w);
}
