/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Contexts, and what there is to know about fields. */

#include <errno.h>

#include "config.h"
#include "lib/lib.h"
#include "model/value.h"
#include "sink/format/schema.h"

const char *sockeye_version(void)
{
	return SOCKEYE_VERSION;
}

int sockeye_schema_version(void)
{
	return SCHEMA_VERSION;
}

sockeye *sockeye_new(void)
{
	return calloc(1, sizeof(struct sockeye));
}

sockeye *sockeye_free(sockeye *s)
{
	free(s);
	return NULL;
}

void sockeye_allow_bpf(sockeye *s, int is_allowed)
{
	s->may_use_bpf = is_allowed;
}

const char *sockeye_errmsg(const sockeye *s)
{
	return s->err.text;
}

struct err *lib_err(struct sockeye *s)
{
	s->err.text[0] = '\0';
	return &s->err;
}

int lib_fail(struct sockeye *s, int r)
{
	if (s->err.text[0])
		return r;
	return err_say(&s->err, r, "%s", strerror(-r));
}

int sockeye_field_find(const char *name, sockeye_field *ret)
{
	enum field_id f = field_find(sv(name));

	if (f == F_MAX)
		return -ENOENT;
	*ret = f;
	return 0;
}

size_t sockeye_field_count(void)
{
	return F_MAX;
}

const char *sockeye_field_name(sockeye_field f)
{
	return f < F_MAX ? fields[f].name : NULL;
}

const char *sockeye_field_help(sockeye_field f)
{
	return f < F_MAX ? fields[f].help : NULL;
}

const char *sockeye_field_unit(sockeye_field f)
{
	struct column c;

	if (f >= F_MAX)
		return NULL;
	c = column_of_field(f);
	return value_unit(&c);
}

enum sockeye_type sockeye_field_type(sockeye_field f)
{
	struct column c;

	if (f >= F_MAX)
		return SOCKEYE_OTHER;
	c = column_of_field(f);
	return lib_type(&c);
}
