/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* JSON: one object, or one a line. */

#include <errno.h>

#include "base/cleanup.h"
#include "model/list.h"
#include "model/value.h"
#include "sink/format/json.h"
#include "sink/format/json_text.h"

enum { KEY_SHORT = 32 }; /* most keys, with their punctuation */

struct key {
	size_t at, len; /* in .keys: of a value ,"name": and of an object ,"name":{ */
	size_t parent;
	size_t column;
	enum form form;
	bool is_short_number;
	uint32_t parts;
};

struct json {
	struct tabular tabular;
	struct out *out;
	bool is_lines;
	bool has_lists;                             /* lines tell theirs */
	bool is_open;                               /* there is a list that has not ended */
	enum { AT_START, AT_LISTS, AT_SAMPLES } at; /* in the outermost object */
	uint64_t at_us;                             /* of the sample that is open */
	const char *first; /* name of the first list in the sample, or in the outermost object */
	struct text lead;  /* lines: the members that every record of the list begins with */
	bool has_groups;   /* computed columns: a record may stand for others */
	const struct column *columns;
	size_t n_columns;
	struct json_tree tree;
	struct key *key;  /* by item of the tree */
	struct key *leaf; /* of the values, in the order in which they are written */
	struct text keys; /* and KEY_SHORT more bytes that may be read */
	struct text text; /* to be written */
	size_t whole;     /* of it: what ends with a record */
	uint64_t n;       /* of records so far */
};

static int make_keys(struct json *j)
{
	j->key = calloc(j->tree.n, sizeof(*j->key));
	j->leaf = calloc(j->tree.n, sizeof(*j->leaf));
	if (!j->key || !j->leaf)
		return -ENOMEM;
	for (size_t i = 1; i < j->tree.n; i++) {
		const struct json_item *item = &j->tree.items[i];
		struct key *key = &j->key[i];

		*key = (struct key){ .at = j->keys.len,
				     .parent = item->parent,
				     .column = item->column,
				     .parts = item->parts };
		text_char(&j->keys, ',');
		json_put_string(&j->keys, item->name);
		text_char(&j->keys, ':');
		if (item->column == SIZE_MAX)
			text_char(&j->keys, '{');
		else
			key->form = value_form(&j->columns[item->column]);
		key->len = j->keys.len - key->at;
		key->is_short_number =
			item->column != SIZE_MAX && key->form == FORM_NUMBER && key->len < KEY_SHORT;
	}
	for (size_t i = 0; i < j->tree.n_leaves; i++)
		j->leaf[i] = j->key[j->tree.leaves[i]];
	text_put(&j->keys, (char[KEY_SHORT]){}, KEY_SHORT);
	return j->keys.failed ? -ENOMEM : 0;
}

static void forget_columns(struct json *j)
{
	json_tree_done(&j->tree);
	text_done(&j->keys);
	free(j->key);
	free(j->leaf);
	j->key = j->leaf = NULL;
	j->columns = NULL;
}

static int take_columns(struct json *j, const struct listing *l)
{
	int r;

	if (j->columns == l->columns && j->n_columns == l->n)
		return 0;
	forget_columns(j);
	r = json_tree_init(&j->tree, l->columns, l->n);
	if (r < 0)
		return r;
	j->columns = l->columns;
	j->n_columns = l->n;
	j->has_groups = false;
	for (size_t i = 0; i < l->n; i++)
		j->has_groups |= l->columns[i].field >= F_MAX;
	return make_keys(j);
}

static void make_lead(struct json *j, const struct listing *l)
{
	bool has_time = l->at_us && !listing_has_time(l);

	j->lead.len = 0;
	if (has_time) {
		text_str(&j->lead, "\"time\":\"");
		text_time(&j->lead, l->at_us);
		text_char(&j->lead, '"');
	}
	if (!j->has_lists)
		return;
	text_str(&j->lead, has_time ? ",\"list\":" : "\"list\":");
	json_put_string(&j->lead, sv(l->name));
}

/*
 * A list is a key of the outermost object. One that has a time is a key of a sample, which is what is true at
 * that time. Returns -EINVAL when the object would have a key twice.
 */
static int open_list(struct json *j, const struct listing *l)
{
	struct text *t = &j->text;
	bool is_again = j->first && !strcmp(l->name, j->first);

	if ((j->at == AT_SAMPLES && !l->at_us) || (j->at == AT_LISTS && !l->at_us && is_again))
		return -EINVAL;
	if (!l->at_us) {
		text_str(t, j->at == AT_START ? "{" : ",\n");
		j->at = AT_LISTS;
	} else if (j->at != AT_SAMPLES || j->at_us != l->at_us || is_again) {
		text_str(t, j->at == AT_SAMPLES ? "},\n" : j->at == AT_LISTS ? ",\n" : "{");
		text_str(t, j->at == AT_SAMPLES ? "{\"time\":\"" : "\"samples\":[\n{\"time\":\"");
		text_time(t, l->at_us);
		text_str(t, "\",\n");
		j->at = AT_SAMPLES;
		j->first = NULL;
	} else {
		text_str(t, ",\n");
	}
	if (!j->first)
		j->first = l->name;
	j->at_us = l->at_us;
	json_put_string(t, sv(l->name));
	text_str(t, ":[");
	j->whole = t->len;
	return 0;
}

static int begin_list(struct tabular *t, const struct listing *l)
{
	struct json *j = (struct json *)t;
	int r = take_columns(j, l);

	if (r < 0)
		return r;
	j->n = 0;
	if (j->is_lines)
		make_lead(j, l);
	else
		r = open_list(j, l);
	j->is_open = r >= 0;
	return j->text.failed || j->lead.failed ? -ENOMEM : r;
}

static void put_key(const struct json *j, struct text *t, const struct key *key, bool is_first)
{
	size_t len = key->len - is_first;
	const char *p = j->keys.p + key->at + is_first;

	if (len <= KEY_SHORT - 1)
		text_put_short(t, p, KEY_SHORT - 1, len);
	else
		text_put(t, p, len);
}

static void put_simple(struct text *t, const struct column *c, enum form form, const struct val *v)
{
	if (form == FORM_TRUE) {
		text_put(t, "true", 4);
	} else if (form == FORM_NUMBER && v->kind != VAL_STR) {
		if (v->kind == VAL_UINT)
			text_u64(t, v->u);
		else
			value_put_raw(t, c, v);
	} else if (v->kind == VAL_STR && c->type != T_ADDR && c->type != T_RAW && c->type != T_HWADDR) {
		json_put_string(t, v->s);
	} else {
		text_char(t, '"');
		value_put_raw(t, c, v);
		text_char(t, '"');
	}
}

/* The parts of an owner that are wanted and known; nothing when there is none. */
static void put_owner(struct text *t, const struct owner *o, uint32_t parts)
{
	/* clang-format off */
	static const char *const keys[PART_MAX] = {
#define PART(id, name, ...) [PART_##id] = ",\"" name "\":",
#include "model/defs/part.def"
	};
	/* clang-format on */
	const struct val v = { .kind = VAL_OWNERS, .owners = { .v = o, .n = 1 } };
	size_t start = t->len;

	for (; parts; parts &= parts - 1) {
		enum part part = (enum part)__builtin_ctz(parts);
		struct val item;

		if (!val_item(&v, part, 0, &item))
			continue;
		text_str(t, keys[part] + (t->len == start));
		if (item.kind == VAL_STR)
			json_put_string(t, item.s);
		else
			text_u64(t, item.u);
	}
}

static void put_owners(struct text *t, const struct owners *o, uint32_t parts)
{
	bool has_some = false;

	text_char(t, '[');
	for (size_t i = 0; i < o->n; i++) {
		size_t start = t->len, inside;

		text_put(t, &",{"[!has_some], 1u + has_some);
		inside = t->len;
		put_owner(t, &o->v[i], parts);
		if (t->len == inside) {
			t->len = start;
			continue;
		}
		text_char(t, '}');
		has_some = true;
	}
	text_char(t, ']');
}

struct spot {
	size_t open;   /* item whose object is open */
	bool is_first; /* nothing is in it yet */
};

/* Opens the objects from @outer, which is open, down to @to. */
static void open_objects(const struct json *j, struct text *t, size_t outer, size_t to, struct spot *at)
{
	if (to == outer)
		return;
	open_objects(j, t, outer, j->key[to].parent, at);
	put_key(j, t, &j->key[to], at->is_first);
	at->is_first = true;
}

/* Parents have lower indices than what lies in them. */
static void go_to(const struct json *j, struct text *t, size_t to, struct spot *at)
{
	size_t common = to;

	while (common != at->open) {
		if (common > at->open) {
			common = j->key[common].parent;
			continue;
		}
		text_char(t, '}');
		at->is_first = false;
		at->open = j->key[at->open].parent;
	}
	open_objects(j, t, common, to, at);
	at->open = to;
}

/*
 * The most frequent by far: numbers behind short keys, in the object that is open. Returns the key from @key
 * on that is none of those, or the end.
 */
static const struct key *put_numbers(const struct json *j, struct text *t, const struct key *key,
				     const struct cell *cells, struct spot *at)
{
	const struct key *end = j->leaf + j->tree.n_leaves;
	char *d = text_room(t, (size_t)(end - key) * (KEY_SHORT + TEXT_U64_MAX));
	bool is_first = at->is_first;

	if (!d)
		return end;
	for (; key < end; key++) {
		const struct cell *cell = &cells[key->column];

		if (!cell->is_there)
			continue;
		if (!key->is_short_number || cell->val.kind != VAL_UINT || key->parent != at->open)
			break;
		memcpy(d, j->keys.p + key->at + is_first, KEY_SHORT);
		d = text_u64_at(d + key->len - is_first, cell->val.u);
		is_first = false;
	}
	at->is_first = is_first;
	t->len = (size_t)(d - t->p);
	return key;
}

/* An element of a list: a value, or an object of its parts. */
static void put_element(struct text *t, enum field_id f, struct sv bytes, size_t i)
{
	size_t start = t->len, n = list_n_parts(f);
	bool is_object = n && list_part(f, 0).name;
	struct val v;

	for (size_t part = 0; part < n; part++) {
		struct column c = list_part(f, part);

		if (!list_get(f, bytes, i, part, &v))
			continue;
		if (is_object) {
			text_char(t, t->len > start ? ',' : '{');
			json_put_string(t, sv(c.name));
			text_char(t, ':');
		}
		put_simple(t, &c, value_form(&c), &v);
	}
	if (t->len == start)
		text_str(t, is_object ? "{" : "\"\"");
	if (is_object)
		text_char(t, '}');
}

static void put_list(struct text *t, enum field_id f, struct sv bytes)
{
	text_char(t, '[');
	for (size_t i = 0, n = list_len(f, bytes); i < n; i++) {
		if (i)
			text_char(t, ',');
		put_element(t, f, bytes, i);
	}
	text_char(t, ']');
}

/* A record, to which @lead belongs, and its end is left open. */
static void put_members(const struct json *j, struct text *t, const struct text *lead,
			const struct cell *cells, struct spot *at)
{
	bool is_other = false;

	for (size_t i = 0; j->has_groups && i < j->n_columns && !is_other; i++)
		is_other = cells[i].is_other;
	text_char(t, '{');
	if (lead->len) {
		text_put(t, lead->p, lead->len);
		at->is_first = false;
	}
	if (is_other) {
		text_str(t, at->is_first ? "\"other\":true" : ",\"other\":true");
		at->is_first = false;
	}
	for (const struct key *key = j->leaf, *end = key + j->tree.n_leaves; key < end; key++) {
		const struct cell *cell;

		key = put_numbers(j, t, key, cells, at);
		if (key == end)
			break;
		cell = &cells[key->column];
		if (!value_is_there(cell))
			continue;
		if (key->parent != at->open)
			go_to(j, t, key->parent, at);
		put_key(j, t, key, at->is_first);
		at->is_first = false;
		if (cell->val.kind == VAL_OWNERS)
			put_owners(t, &cell->val.owners, key->parts);
		else if (key->form == FORM_LIST)
			put_list(t, j->columns[key->column].field, cell->val.s);
		else
			put_simple(t, &j->columns[key->column], key->form, &cell->val);
	}
	go_to(j, t, 0, at);
}

/* The other records of @parts lie in it. */
static void put_record(const struct json *j, struct text *t, const struct cell *cells,
		       const struct cell *const *parts, size_t n_parts)
{
	static const struct text none;
	struct spot at = { .is_first = true };

	put_members(j, t, &j->lead, cells, &at);
	for (size_t i = 0; i < n_parts; i++) {
		struct spot inner = { .is_first = true };

		text_str(t, i ? "}," : at.is_first ? "\"subflows\":[" : ",\"subflows\":[");
		put_members(j, t, &none, parts[i], &inner);
	}
	text_str(t, n_parts ? "}]}" : "}");
}

/* Writes the whole records. Returns 0, -ENOMEM when there are no more, or the first error of writing. */
static int write_text(struct json *j)
{
	out_write(j->out, j->text.p, j->whole);
	j->whole = 0;
	if (j->text.failed)
		return -ENOMEM;
	j->text.len = 0;
	return j->out->error;
}

static int end_text(struct json *j)
{
	if (!j->text.failed)
		j->whole = j->text.len;
	return write_text(j);
}

/* More than the output would keep it writes at once, from here. */
static int whole(struct tabular *t, const struct cell *cells, const struct cell *const *parts, size_t n)
{
	struct json *j = (struct json *)t;

	if (!j->is_lines)
		text_put(&j->text, &",\n"[!j->n], 1u + (j->n > 0));
	put_record(j, &j->text, cells, parts, n);
	if (j->is_lines)
		text_char(&j->text, '\n');
	j->n++;
	if (j->text.failed)
		return write_text(j);
	j->whole = j->text.len;
	return j->whole > j->out->cap ? write_text(j) : j->out->error;
}

static int record(struct tabular *t, const struct cell *cells)
{
	return whole(t, cells, NULL, 0);
}

static void put_note(struct text *t, enum note kind, const char *what)
{
	static const char *const levels[] = {
		[NOTE_HINT] = "hint", [NOTE_WARNING] = "warning", [NOTE_ERROR] = "error"
	};

	text_str(t, "{\"level\":\"");
	text_str(t, levels[kind]);
	text_str(t, "\",\"text\":");
	json_put_string(t, sv(what));
	text_char(t, '}');
}

static void put_notes(const struct json *j, struct text *t, const struct notes *notes)
{
	const char *note = NULL, *sep = "\n";
	enum note kind;

	while (notes && (note = notes_next(notes, note, &kind))) {
		text_str(t, j->is_lines ? "{\"note\":" : sep);
		put_note(t, kind, note);
		text_str(t, j->is_lines ? "}\n" : "");
		sep = ",\n";
	}
}

static int end_list(struct tabular *t)
{
	struct json *j = (struct json *)t;

	j->is_open = false;
	if (!j->is_lines)
		text_str(&j->text, "\n]");
	return end_text(j);
}

static int end(struct tabular *t, const struct notes *notes)
{
	static const char *const before_notes[] = {
		[AT_START] = "{\"notes\":[", [AT_LISTS] = ",\"notes\":[", [AT_SAMPLES] = "}\n],\"notes\":["
	};
	struct json *j = (struct json *)t;
	bool is_complete = !j->text.failed && (!notes || notes_is_whole(notes));
	int r;

	if (j->is_open)
		(void)end_list(t); /* the text remembers what fails */
	if (!j->is_lines)
		text_str(&j->text, before_notes[j->at]);
	put_notes(j, &j->text, notes);
	if (!j->is_lines)
		text_str(&j->text, is_complete ? "],\"complete\":true}\n" : "],\"complete\":false}\n");
	r = end_text(j);
	return r < 0 ? r : out_flush(j->out);
}

static int flush(struct tabular *t)
{
	struct json *j = (struct json *)t;
	int r = write_text(j);

	return r < 0 ? r : out_flush(j->out);
}

static void free_json(struct tabular *t)
{
	struct json *j = (struct json *)t;

	forget_columns(j);
	text_done(&j->lead);
	text_done(&j->text);
	free(j);
}

static const struct tabular_ops json_ops = {
	.list = begin_list,
	.record = record,
	.whole = whole,
	.list_end = end_list,
	.end = end,
	.flush = flush,
	.free = free_json,
};

int json_make(const struct format_opts *o, struct out *out, bool is_lines, struct tabular **ret)
{
	struct json *j = malloc(sizeof(*j));

	if (!j)
		return -ENOMEM;
	*j = (struct json){
		.tabular.ops = &json_ops, .out = out, .is_lines = is_lines, .has_lists = o->has_lists
	};
	*ret = &j->tabular;
	return 0;
}

int json_new(const struct format_opts *o, struct out *out, struct tabular **ret)
{
	return json_make(o, out, false, ret);
}
