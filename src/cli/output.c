/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "cli/output.h"

#include <errno.h>
#include <unistd.h>

#include "base/environ.h"
#include "cli/tell.h"
#include "sink/format/schema.h"

bool output_is_records(const struct tabulate_opts *o)
{
	return o->format || o->columns || o->sort || o->by || o->has_limit || o->fields || o->is_overview;
}

static const struct format *format_of(const struct tabulate_opts *o)
{
	return format_find(sv(o->format ? o->format : "table"));
}

int output_check(const struct tabulate_opts *o, struct err *e)
{
	const struct format *f = format_of(o);
	struct text known = {};

	if (o->is_overview && (o->by || o->columns || o->sort || o->has_limit))
		return err_say(e, -EINVAL, "--summary=full has columns and an order of its own");
	if (f && o->is_overview && !f->has_lists)
		return err_say(e, -EINVAL,
			       "--summary=full is several lists, and --format=%s has room for one", f->name);
	if (f)
		return 0;
	formats_put_names(&known, ", ");
	(void)err_say(e, -EINVAL, "--format: \"%s\" is none of %.*s", o->format, (int)known.len, known.p);
	text_done(&known);
	return -EINVAL;
}

static int open_format(const struct cli *c, bool has_lists, struct out *out, struct tabular **ret)
{
	struct format_opts fo = { .has_lists = has_lists,
				  .no_header = c->q.show & SHOW_NO_HEADER,
				  .is_utf8 = environ_is_utf8(),
				  .is_live = c->q.want_events };

	fo.screen = environ_screen(&fo.is_terminal);
	return format_of(&c->q.tabulate)->open(&fo, out, ret);
}

static int open_overview(const struct cli *c, const struct selection *sel, struct out *out,
			 struct output *ret, struct err *e)
{
	const struct overview_opts oo = { .host = c->host, .is_everywhere = c->q.want_all_netns };
	int r = open_format(c, true, out, &ret->format);

	if (r >= 0)
		r = overview_new(&oo, sel, ret->format, &ret->overview, e);
	ret->sink = r < 0 ? NULL : overview_sink(ret->overview);
	return r;
}

static int open_records(const struct cli *c, const struct selection *sel, struct out *out, struct output *ret,
			struct err *e)
{
	const struct tabulate_opts *t = &c->q.tabulate;
	const struct chain_opts co = { .columns = t->columns,
				       .sort = t->sort,
				       .by = t->by,
				       .limit = t->limit,
				       .has_limit = t->has_limit,
				       .show = c->q.show,
				       .is_sparse = format_of(t)->is_sparse,
				       .is_everywhere = c->q.want_all_netns };
	int r = open_format(c, false, out, &ret->format);

	if (r >= 0)
		r = chain_new(&co, sel, ret->format, &ret->chain, e);
	ret->sink = r < 0 ? NULL : chain_sink(ret->chain);
	return r;
}

int output_open(const struct cli *c, const struct selection *sel, struct out *out, struct output *ret,
		struct err *e)
{
	struct classic_opts so = { .show = c->q.show, .names = c->host->output };

	*ret = (struct output){};
	if (c->q.tabulate.is_overview)
		return open_overview(c, sel, out, ret, e);
	if (output_is_records(&c->q.tabulate))
		return open_records(c, sel, out, ret, e);
	if (c->q.want_all_netns)
		so.show |= SHOW_NETNS;
	if (sel->tables & (sel->tables - 1))
		so.show |= SHOW_NETID;
	if (!sel->states || sel->states & (sel->states - 1))
		so.show |= SHOW_STATE;
	so.screen = environ_screen(&so.is_terminal);
	return classic_new(&so, out, &ret->sink);
}

void output_needs(const struct output *o, struct plan_opts *ret)
{
	if (o->overview)
		overview_needs(o->overview, &ret->keys);
	else if (o->chain)
		chain_needs(o->chain, &ret->keys, &ret->named);
}

int output_end(struct output *o, const struct notes *notes)
{
	if (o->overview)
		return overview_end(o->overview, notes);
	return o->chain ? chain_end(o->chain, notes) : 0;
}

void output_done(struct output *o)
{
	if (o->overview)
		(void)overview_free(o->overview);
	else if (o->chain)
		(void)chain_free(o->chain);
	else if (!o->format)
		(void)classic_free(o->sink);
	(void)tabular_free(o->format);
}

static int list_fields(const struct cli *c, struct out *out)
{
	_cleanup_(tabular_freep) struct tabular *to = NULL;
	int r = open_format(c, false, out, &to), end;
	struct notes all;

	if (r < 0)
		return r;
	r = fields_put(to, c->q.tabulate.fields);
	all = notes_of_end(&c->notes, r);
	end = to->ops->end(to, &all);
	return end < 0 ? end : r;
}

int output_fields(const struct cli *c)
{
	struct out out;
	struct err e;
	int r = out_init(&out, STDOUT_FILENO), n, end;

	if (r < 0)
		return tell_output(c, r);
	n = list_fields(c, &out);
	end = out_done(&out);
	if (n < 0 || end < 0)
		return tell_output(c, n < 0 ? n : end);
	if (n)
		return 0;
	(void)err_say(&e, 0, "--fields: no field is called like \"%s\"", c->q.tabulate.fields);
	return tell_failure(c, EXIT_USAGE, &e);
}
