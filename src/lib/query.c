/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Queries: which sockets, which fields, and from where. */

#include <errno.h>
#include <unistd.h>

#include "host/host.h"
#include "host/names.h"
#include "lib/lib.h"
#include "plan/select.h"

enum { WORDS_MAX = 64 };

sockeye_query *sockeye_query_free(sockeye_query *q)
{
	if (!q)
		return NULL;
	lib_hang_up(q);
	(void)filter_free(q->filter);
	notes_done(&q->notes);
	free(q->file);
	free(q);
	return NULL;
}

DEFINE_CLEANUP(struct sockeye_query, sockeye_query_free)

/* Reads "TABLE,... [state X]... [exclude X]...". */
static int read_sockets(const char *text, struct select *ret, struct err *e)
{
	struct sv rest = sv(text), words[WORDS_MAX];
	_cleanup_free_ char *tables = NULL;
	size_t n = 0;
	int k, r = 0;

	while ((words[n] = sv_word(&rest)).len)
		if (++n == WORDS_MAX)
			return err_say(e, -E2BIG, "a selection of more than %d words", WORDS_MAX - 1);
	k = n && !select_is_state_word(words[0]);
	if (k) {
		tables = strndup(words[0].p, words[0].len);
		r = tables ? select_query(ret, tables, e) : -ENOMEM;
	}
	if (r < 0)
		return r;
	r = select_words(ret, words + k, n - (size_t)k, e);
	if (r < 0)
		return r;
	k += r;
	if ((size_t)k < n)
		return err_say(e, -EINVAL, "\"%.*s\" is neither \"state\" nor \"exclude\"", SV_ARG(words[k]));
	return 0;
}

static int read_filter(struct sockeye_query *q, const struct select *select, const char *text, struct err *e)
{
	const struct sv word = sv(text);
	_cleanup_(host_freep) struct host *host = NULL;
	struct filter_env env;
	int r = host_live_new(&(const struct host_files){}, &host);

	if (r < 0)
		return r;
	select_filter_env(select, &q->select, &env);
	names_tell(host->names, &q->notes);
	names_for_filter(host->names, &env);
	r = filter_parse(&env, &word, 1, &q->filter, e);
	if (r < 0)
		return r == -EBADMSG ? -EINVAL : r;
	if (filter_has_states(q->filter) && !select->has_mask)
		q->select.states = STATES_ALL; /* those that the filter takes */
	select_filter(q->filter, &q->select);
	return 0;
}

int sockeye_query_new(sockeye *s, const char *sockets, const char *filter, sockeye_query **ret)
{
	_cleanup_(sockeye_query_freep) struct sockeye_query *q = calloc(1, sizeof(*q));
	struct err *e = lib_err(s);
	struct select select = {};
	int r;

	if (!q)
		return lib_fail(s, -ENOMEM);
	q->s = s;
	r = sockets ? read_sockets(sockets, &select, e) : 0;
	if (r < 0)
		return lib_fail(s, r);
	select_complete(&select, &q->select);
	r = filter ? read_filter(q, &select, filter, e) : 0;
	if (r < 0)
		return lib_fail(s, r);
	if (!q->select.states) /* which to the kernel would be all */
		q->select.tables = 0;
	*ret = take_ptr(q);
	return 0;
}

static int is_busy(struct sockeye_query *q)
{
	return q->is_running ? err_say(lib_err(q->s), -EBUSY, "the query is running") : 0;
}

int sockeye_query_want(sockeye_query *q, sockeye_field f)
{
	int r = is_busy(q);

	if (r < 0)
		return r;
	if (f >= F_MAX)
		return err_say(lib_err(q->s), -EINVAL, "there is no field number %u", f);
	fieldset_add(&q->want, (enum field_id)f);
	return 0;
}

static int use_file(struct sockeye_query *q, const char *path, struct err *e)
{
	char *file;

	if (q->select.tables && !(q->select.tables >> TABLE_TCP & 1))
		return err_say(e, -EINVAL, "a recording has only TCP sockets, which the query does not want");
	if (access(path, R_OK) < 0)
		return err_sys(e, -errno, "%s", path);
	file = strdup(path);
	if (!file)
		return lib_fail(q->s, -ENOMEM);
	lib_hang_up(q);
	free(q->file);
	q->file = file;
	return 0;
}

int sockeye_query_source(sockeye_query *q, const char *uri)
{
	struct err *e;
	int r = is_busy(q);

	if (r < 0)
		return r;
	e = lib_err(q->s);
	if (!strncmp(uri, "file:", 5))
		return use_file(q, uri + 5, e);
	if (strcmp(uri, "live:") != 0)
		return err_say(e, -EINVAL, "\"%s\" is neither \"live:\" nor \"file:PATH\"", uri);
	lib_hang_up(q);
	free(q->file);
	q->file = NULL;
	return 0;
}
