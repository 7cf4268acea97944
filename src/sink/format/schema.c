/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "sink/format/schema.h"

#include <errno.h>

#include "base/cleanup.h"
#include "model/list.h"
#include "model/value.h"
#include "sink/format/json_text.h"

void field_put_since(struct text *t, enum field_id f)
{
	if (!fields[f].since)
		return;
	text_u64(t, fields[f].since >> 8);
	text_char(t, '.');
	text_u64(t, fields[f].since & 0xff);
}

static void put_string(struct text *t, const char *key, const char *value)
{
	text_char(t, ',');
	json_put_string(t, sv(key));
	text_char(t, ':');
	json_put_string(t, sv(value));
}

static void put_words(struct text *t, const char *(*word)(size_t i))
{
	const char *w;
	char sep = '[';

	text_str(t, ",\"x-words\":");
	for (size_t i = 0; (w = word(i)); i++) {
		if (!*w)
			continue;
		text_char(t, sep);
		json_put_string(t, sv(w));
		sep = ',';
	}
	text_char(t, ']');
}

static void put_word_type(struct text *t, enum type type)
{
	text_str(t, "\"type\":\"string\"");
	if (type == T_COOKIE || type == T_HEX)
		text_str(t, ",\"pattern\":\"^[0-9a-f]+$\"");
	if (type == T_RAW)
		text_str(t, ",\"pattern\":\"^([0-9a-f]{2})*$\"");
	if (type == T_HWADDR)
		text_str(t, ",\"pattern\":\"^[0-9a-f]{2}(:[0-9a-f]{2})*$\"");
	if (type == T_STATE)
		put_words(t, value_state);
	if (type == T_FAMILY)
		put_words(t, value_family);
}

static void put_type(struct text *t, const struct column *c);

/* An element of a list: a value, or an object of its parts. */
static void put_items(struct text *t, enum field_id f)
{
	text_str(t, "\"type\":\"array\",\"items\":{");
	for (size_t i = 0; i < list_n_parts(f); i++) {
		struct column c = list_part(f, i);

		if (!c.name) {
			put_type(t, &c);
			break;
		}
		text_str(t, i ? "}," : "\"type\":\"object\",\"properties\":{");
		json_put_string(t, sv(c.name));
		text_str(t, ":{");
		put_type(t, &c);
	}
	text_str(t, list_part(f, 0).name ? "}}}" : "}");
}

static void put_type(struct text *t, const struct column *c)
{
	switch (value_form(c)) {
	case FORM_NUMBER:
		text_str(t, c->type == T_REAL || c->type == T_RATE || c->type == T_SHARE
				    ? "\"type\":\"number\""
				    : "\"type\":\"integer\"");
		if (c->type != T_INT)
			text_str(t, ",\"minimum\":0");
		return;
	case FORM_WORD: put_word_type(t, c->type); return;
	case FORM_TEXT: text_str(t, "\"type\":\"string\""); return;
	case FORM_TRUE: text_str(t, "\"const\":true"); return;
	case FORM_LIST: put_items(t, c->field); return;
	case FORM_OWNERS: text_str(t, "\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/process\"}"); return;
	}
}

/* The kinds of sockets that do not have it, in words. */
static void put_absent(struct text *t, enum field_id f)
{
	uint32_t absent = fields[f].absent;

	if (!absent)
		return;
	text_str(t, ",\"x-absent\":[");
	for (; absent; absent &= absent - 1) {
		json_put_string(t, sv(absent_texts[__builtin_ctz(absent)]));
		text_str(t, absent & (absent - 1) ? "," : "]");
	}
}

static void put_field(struct text *t, const struct column *c)
{
	text_char(t, '{');
	put_type(t, c);
	put_string(t, "description", fields[c->field].help);
	if (value_unit(c))
		put_string(t, "x-unit", value_unit(c));
	if (value_kind(c))
		put_string(t, "x-kind", value_kind(c));
	put_absent(t, c->field);
	if (fields[c->field].since) {
		text_str(t, ",\"x-since\":\"");
		field_put_since(t, c->field);
		text_char(t, '"');
	}
	text_char(t, '}');
}

/* Names have few dots, so this does not go deep. */
static void put_object(struct text *t, const struct json_tree *tree, const struct column *columns,
		       size_t parent)
{
	const char *sep = "\n";

	text_str(t, "{\"type\":\"object\",\"properties\":{");
	if (!parent) {
		text_str(t, "\n\"subflows\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/socket\"},"
			    "\"description\":\"the TCP sockets that an MPTCP socket consists of\"}");
		sep = ",\n";
	}
	for (size_t i = parent + 1; i < tree->n; i++) {
		const struct json_item *item = &tree->items[i];

		if (item->parent != parent)
			continue;
		text_str(t, sep);
		json_put_string(t, item->name);
		text_char(t, ':');
		if (item->column == SIZE_MAX)
			put_object(t, tree, columns, i);
		else
			put_field(t, &columns[item->column]);
		sep = ",\n";
	}
	text_str(t, "}}");
}

/* What an owner is: an object of its parts. */
static void put_parts(struct text *t)
{
	text_str(t, "\"process\":{\"type\":\"object\",\"properties\":{");
	for (enum part part = 1; part < PART_MAX; part++) {
		text_str(t, part > 1 ? ",\"" : "\"");
		text_str(t, part_at[part].name);
		text_str(t, part_at[part].is_text ? "\":{\"type\":\"string\"}" : "\":{\"type\":\"integer\"}");
	}
	text_char(t, '}');
}

/* What is in it depends on what was asked; those of --summary=full have names of their own. */
#define LIST "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}"

int schema_put(struct text *t)
{
	static const char head[] =
		",\n\"title\":\"sockets as ss lists them in JSON\",\n"
		"\"type\":\"object\",\"properties\":{\n"
		"\"sockets\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/socket\"}},\n"
		"\"events\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/socket\"}},\n"
		"\"groups\":" LIST ",\n"
		"\"changes\":" LIST ",\n"
		"\"fields\":" LIST ",\n"
		"\"ports\":" LIST ",\n"
		"\"summary\":" LIST ",\n"
		"\"samples\":{\"type\":\"array\",\"items\":{\"type\":\"object\","
		"\"description\":\"the lists that are true at one time\",\"properties\":{"
		"\"time\":{\"type\":\"string\",\"format\":\"date-time\"},"
		"\"sockets\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/socket\"}},"
		"\"groups\":" LIST "},"
		"\"additionalProperties\":" LIST ",\"required\":[\"time\"]}},\n"
		"\"notes\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/note\"}},\n"
		"\"complete\":{\"type\":\"boolean\",\"description\":\"false when something failed\"}},\n"
		"\"additionalProperties\":" LIST ",\n"
		"\"required\":[\"notes\",\"complete\"],\n"
		"\"$defs\":{\n"
		"\"note\":{\"type\":\"object\",\"properties\":{"
		"\"level\":{\"enum\":[\"hint\",\"warning\",\"error\"]},\"text\":{\"type\":\"string\"}},"
		"\"required\":[\"level\",\"text\"]},\n";
	static const char tail[] =
		",\"minProperties\":1},\n"
		"\"line\":{\"description\":\"a line of ndjson\",\"anyOf\":[{\"$ref\":\"#/$defs/socket\"},"
		"{\"type\":\"object\",\"properties\":{\"note\":{\"$ref\":\"#/$defs/note\"}},"
		"\"required\":[\"note\"]}]},\n"
		"\"socket\":";
	struct column columns[F_MAX];
	struct json_tree tree;
	int r;

	for (enum field_id f = 0; f < F_MAX; f++)
		columns[f] = column_of_field(f);
	r = json_tree_init(&tree, columns, F_MAX);
	if (r < 0)
		return r;
	text_str(t, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n\"x-version\":");
	text_u64(t, SCHEMA_VERSION);
	text_put(t, head, sizeof(head) - 1);
	put_parts(t);
	text_put(t, tail, sizeof(tail) - 1);
	put_object(t, &tree, columns, 0);
	text_str(t, "}}\n");
	json_tree_done(&tree);
	return t->failed ? -ENOMEM : 0;
}
