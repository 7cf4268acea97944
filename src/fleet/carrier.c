/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "fleet/carrier.h"

enum { NAME_MAX_LEN = 255, VERSION_DIGITS = 4 };

bool carrier_is_partial(struct sv line, unsigned int *ret_version)
{
	unsigned int version = 0;
	size_t i = 2;

	if (line.len < 4 || line.p[0] != 's' || line.p[1] != 's')
		return false;
	for (; i < line.len && i < 2 + VERSION_DIGITS && line.p[i] >= '0' && line.p[i] <= '9'; i++)
		version = 10 * version + (unsigned int)(line.p[i] - '0');
	*ret_version = version;
	return i > 2 && i < line.len && line.p[i] >= 'a' && line.p[i] <= 'z' &&
	       (i + 1 == line.len || line.p[i + 1] == ' ');
}

/* What can be the name of a host: a word, and no option. */
static bool is_name(struct sv s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] == 0x7f)
			return false;
	return s.len && s.len <= NAME_MAX_LEN && s.p[0] != '-';
}

/* The name before @sep, which is no more than a few bytes; what follows into @ret. */
static bool split(struct sv line, const char *sep, struct sv *ret_name, struct sv *ret)
{
	size_t len = strlen(sep);
	const char *at = memmem(line.p, line.len < NAME_MAX_LEN ? line.len : NAME_MAX_LEN + len, sep, len);

	if (line.len > NAME_MAX_LEN && !at)
		return false;
	if (!at || !is_name(sv_n(line.p, (size_t)(at - line.p))))
		return false;
	*ret_name = sv_n(line.p, (size_t)(at - line.p));
	*ret = sv_from(line, ret_name->len + len);
	return true;
}

/* "NAME | WORD | rc=N | (stdout) LINES", "NAME | WORD | rc=N >>", "NAME | UNREACHABLE! => {" */
static bool read_ansible(struct sv line, struct carried_line *ret)
{
	static const char out[] = "(stdout) ";
	const char *at;
	struct sv rest;

	if (!split(line, " | ", &ret->host, &rest))
		return false;
	at = memmem(rest.p, rest.len, out, sizeof(out) - 1);
	ret->kind = CARRIED_LOST;
	ret->line = rest;
	if (sv_is(sv_first(rest, 11), "UNREACHABLE") || sv_is(sv_first(rest, 6), "FAILED")) {
		if (!at)
			return true;
	} else if (!at) {
		/* The lines that follow tell their own host: anyone could print a line like this one. */
		ret->kind = CARRIED_NOISE;
		return true;
	}
	ret->line = sv_n(at + sizeof(out) - 1, (size_t)(rest.p + rest.len - at) - (sizeof(out) - 1));
	ret->kind = CARRIED_LINE;
	ret->has_more = true;
	return true;
}

struct sv carrier_take(struct sv *lines)
{
	const char *at = memmem(lines->p, lines->len, "\\n", 2);
	struct sv line = at ? sv_n(lines->p, (size_t)(at - lines->p)) : *lines;

	*lines = at ? sv_from(*lines, line.len + 2) : (struct sv){};
	return line;
}

void carrier_read(struct sv line, struct carried_line *ret)
{
	unsigned int version;
	ptrdiff_t close;

	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	*ret = (struct carried_line){ .line = line };
	if (carrier_is_partial(line, &version))
		return;
	ret->kind = CARRIED_OTHER;
	close = line.len && line.p[0] == '[' ? sv_find(line, ']') : -1;
	if (close > 1 && (size_t)close + 1 < line.len && line.p[close + 1] == ' ' &&
	    is_name(sv_n(line.p + 1, (size_t)close - 1))) {
		ret->host = sv_n(line.p + 1, (size_t)close - 1);
		ret->line = sv_from(line, (size_t)close + 2);
	} else if (!split(line, ": ", &ret->host, &ret->line) && !split(line, "\t", &ret->host, &ret->line)) {
		if (!read_ansible(line, ret))
			*ret = (struct carried_line){ .kind = CARRIED_NOISE, .line = line };
		return;
	}
	if (carrier_is_partial(ret->line, &version))
		ret->kind = CARRIED_LINE;
}
