/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Filters in unusual form: patterns against fnmatch(), files, large and deep
 * expressions.
 */

#include <fnmatch.h>
#include <unistd.h>

#include "base/glob.h"
#include "check.h"
#include "filter-bc.h"
#include "filter-rows.h"
#include "random.h"

static void check_patterns(void)
{
	static const char alphabet[] = "aAbB@/.-*?[]!^\\x";
	unsigned int n_found = 0;

	for (int i = 0; i < 400000; i++) {
		char pattern[10] = "", name[10] = "";
		bool want;

		for (uint32_t j = 0, n = pick(9); j < n; j++)
			pattern[j] = alphabet[pick(sizeof(alphabet) - 1)];
		for (uint32_t j = 0, n = pick(7); j < n; j++)
			name[j] = alphabet[pick(8)];
		want = !fnmatch(pattern, name, FNM_CASEFOLD);
		n_found += want;
		if (glob_match(sv(pattern), sv(name)) != want) {
			fprintf(stderr, "pattern \"%s\" on \"%s\": fnmatch() says %d\n", pattern, name, want);
			abort();
		}
	}
	CHECK(n_found > 1000);
	CHECK(glob_match(sv("[[:digit:]]*[[:ALPHA:]x]"), sv("7-x")) ==
	      !fnmatch("[[:digit:]]*[[:ALPHA:]x]", "7-x", 16));
	CHECK(glob_match(sv("[[:digit:]][[:upper:]]"), sv("7a")));
	CHECK(!glob_match(sv("[![:space:]]"), sv(" ")));
	CHECK(glob_match(sv("*"), sv_n("a\0b", 3)));
	CHECK(glob_match(sv("a?b"), sv_n("a\0b", 3)));
}

static void append_terms(struct text *t, unsigned int n)
{
	t->len = 0;
	for (unsigned int i = 0; i < n; i++)
		text_printf(t, "%s%ssport = %u", i ? " or " : "", i % 3 ? "" : "not ", i);
	text_char(t, '\0');
}

static void check_size(unsigned int n_terms, bool fits)
{
	const struct sample sample = { .af = AF_INET, .src = "127.0.0.1", .dst = "127.0.0.2", .sport = 22 };
	struct sample_row row;
	struct text t = {}, code = {};
	struct filter *f;

	append_terms(&t, n_terms);
	f = sample_filter(t.p, 0);
	CHECK(filter_bytecode(f, AF_INET, &code) == fits);
	CHECK(fits ? code.len > 50000 && bc_audit((const uint8_t *)code.p, code.len) : code.len == 0);
	sample_make(&sample, &row);
	CHECK(filter_match(f, &row.row));
	filter_free(f);
	text_done(&t);
	text_done(&code);
}

/* Deep to the left, without parentheses; the canonical form has them. */
static void check_chain(void)
{
	struct text t = {}, printed = {};
	struct filter *f;

	for (unsigned int i = 0; i < 20000; i++)
		text_str(&t, i % 2 ? "dport 2 and " : "not sport 1 or ");
	text_str(&t, "sport 3");
	text_char(&t, '\0');
	f = sample_filter(t.p, 0);
	CHECK(filter_is_mixed(f));
	filter_print(f, &printed);
	CHECK(printed.len > t.len);
	filter_free(f);
	text_done(&t);
	text_done(&printed);
}

static int parse_result(const struct text *t)
{
	const struct filter_env env = { .names = &sample_names };
	const struct sv word = sv_n(t->p, t->len);
	struct filter *f = NULL;
	struct err e;
	int r = filter_parse(&env, &word, 1, &f, &e);

	filter_free(f);
	return r;
}

static void check_depth(unsigned int depth, int want)
{
	struct text t = {};

	for (unsigned int i = 0; i < depth; i++)
		text_str(&t, i % 2 ? "(" : "not ( ");
	text_str(&t, "sport = 1");
	for (unsigned int i = 0; i < depth; i++)
		text_char(&t, ')');
	CHECK(parse_result(&t) == want);
	text_done(&t);
}

/* Ten thousand words about fields, and values without end. */
static void check_many_fields(void)
{
	struct text t = {}, printed = {};
	struct filter *f;

	for (unsigned int i = 0; i < 2000; i++)
		text_printf(&t, "%shas tcp.rtt and%stcp.rtt >%uus and ", i % 2 ? "not " : "",
			    i % 3 ? " ! " : " ", i);
	text_str(&t, "process in {");
	for (unsigned int i = 0; i < 10000; i++)
		text_printf(&t, "p%u, ", i);
	text_str(&t, "} and sport in { 1-2, 3 }");
	text_char(&t, '\0');
	f = sample_filter(t.p, 0);
	filter_print(f, &printed);
	CHECK(printed.len > 10000);
	filter_free(f);
	text_done(&t);
	text_done(&printed);
}

static void check_long_word(unsigned int len, int want)
{
	struct text t = {};

	text_str(&t, "src unix:");
	for (unsigned int i = 0; i < len; i++)
		text_char(&t, 'x');
	CHECK(parse_result(&t) == want);
	text_done(&t);
}

static void check_file(const char *words, const char *file, int want, const char *canonical_or_message)
{
	const struct filter_env env = { .names = &sample_names, .file = sv(file), .file_name = "ports" };
	const struct sv word = sv(words);
	struct filter *f = NULL;
	struct text t = {};
	struct err e = {};
	int r = filter_parse(&env, &word, 1, &f, &e);

	if (r != want)
		fprintf(stderr, "%s\n", e.text);
	CHECK(r == want);
	if (r) {
		CHECK_STR(e.text, canonical_or_message);
		return;
	}
	filter_print(f, &t);
	text_char(&t, '\0');
	CHECK_STR(t.p, canonical_or_message);
	text_done(&t);
	filter_free(f);
}

static void check_files(void)
{
	check_file("", "", 0, "");
	check_file(" ", "# nothing\n\n   \n", 0, "");
	check_file("", "sport = 22", 0, "sport = 22");
	check_file("", "# the first\nsport = 22\r\n  # and\n\nor\nsport = 23\n#end", 0,
		   "sport = 22 or sport = 23");
	check_file("sport = 22", "dport = 1\n", 0, "sport = 22 and dport = 1");
	check_file("sport = 22 or", "dport = 1\n", 0, "sport = 22 or dport = 1");
	check_file("tcp.rtt >", "# how long\n  5ms and\n(process in { 'a b',\n # c\n c })\n", 0,
		   "tcp.rtt > 5000us and ( process.name = \"a b\" or process.name = c )");
	check_file("", "process = 'a\n b'", -EBADMSG,
		   "ports, line 1:\nprocess = 'a\n          ^ this quotation mark is not closed");
	check_file("sport = 1", "\n\ntcp.cong=cubic tcp.rt<5", -EBADMSG,
		   "ports, line 3:\ntcp.cong=cubic tcp.rt<5\n               ^^^^^^ neither a predicate nor a "
		   "field: "
		   "did you mean tcp.rtt?");
	check_file("", "0 = 1\n", -EINVAL,
		   "ports, line 1:\n0 = 1\n"
		   "^ not a predicate: say sport = 0 or dport = 0, or port = 0 for either");
	check_file("sport = 1 or", "sport = 2\n\n or sprt = 3\n", -EBADMSG,
		   "ports, line 3:\n or sprt = 3\n"
		   "    ^^^^ neither a predicate nor a field: did you mean sport?");
	check_file("sport = 1", "sport = x\n", -EDOM,
		   "ports, line 1:\nsport = x\n        ^ not a port: use a number, a service name or *");
	check_file("sport = \x1b[1m\xc3\xa9", "", -EDOM,
		   "sport = .[1m\xc3\xa9\n        ^^^^^ not a port: use a number, a service name or *");
}

static void check_reading(void)
{
	char path[] = "/tmp/test-filter-XXXXXX";
	struct text t = {};
	struct err e = {};
	int fd = mkstemp(path);

	CHECK(fd >= 0 && write(fd, "sport = 22\n", 11) == 11);
	close(fd);
	CHECK(filter_file_read(path, &t, &e) == 0);
	CHECK(sv_is(sv_n(t.p, t.len), "sport = 22\n"));
	CHECK(truncate(path, (16 << 20) + 1) == 0);
	CHECK(filter_file_read(path, &t, &e) == -EFBIG);
	CHECK(unlink(path) == 0);
	CHECK(filter_file_read(path, &t, &e) == -ENOENT && strstr(e.text, path));
	text_done(&t);
}

int main(void)
{
	check_patterns();
	check_size(3000, true);
	check_size(10000, false);
	check_chain();
	check_many_fields();
	check_depth(200, 0);
	check_depth(201, -EINVAL);
	check_long_word(8000, 0);
	check_long_word(9000, -EINVAL);
	check_files();
	check_reading();
	return 0;
}
