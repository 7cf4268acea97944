/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* The summary from files: right, cut short, hostile, missing. */

#include <errno.h>
#include <unistd.h>

#include "check.h"
#include "host/tcp_count.h"
#include "report/summary.h"

static const char sockstat[] = "sockets: used 290\n"
			       "TCP: inuse 12 orphan 3 tw 2 alloc 17 mem 1919\n"
			       "UDP: inuse 6 mem 256\n"
			       "UDPLITE: inuse 44\n"
			       "RAW: inuse 1\n"
			       "FRAG: inuse 2 memory 77\n";

static const char sockstat6[] =
	"TCP6: inuse 3\nUDP6: inuse 5\nUDPLITE6: inuse 44\nRAW6: inuse 4\nFRAG6: inuse 7 memory 3\n";

static const char snmp[] = "Ip: Forwarding CurrEstab\nIp: 1 99\n"
			   "Tcp: RtoAlgorithm MaxConn CurrEstab InSegs\n"
			   "Tcp: 1 -1 9 1000\n"
			   "Udp: InDatagrams\nUdp: 3\n";

static char dir[] = "/tmp/test-summary-XXXXXX";

static void write_file(char path[64], const char *name, const char *contents)
{
	FILE *f;

	snprintf(path, 64, "%s/%s", dir, name);
	f = fopen(path, "we");
	CHECK(f);
	fputs(contents, f);
	CHECK(fclose(f) == 0);
}

static void check_render(const struct host_files *files, const char *want, const char *want_notes)
{
	_cleanup_(host_freep) struct host *host = NULL;
	struct text got = {}, told = {};
	struct notes notes = {};
	const char *note = NULL;
	enum note kind;

	CHECK(host_live_new(files, &host) == 0);
	CHECK(summary_render(host, &got, &notes) == 0);
	while ((note = notes_next(&notes, note, &kind)))
		text_printf(&told, "%d %s\n", kind == NOTE_ERROR, note);
	text_char(&got, '\0');
	text_char(&told, '\0');
	CHECK_STR(got.p, want);
	CHECK_STR(told.p, want_notes);
	text_done(&got);
	text_done(&told);
	notes_done(&notes);
}

static void test_files(void)
{
	static const char full[] = "Total: 290\n"
				   "TCP:   19 (estab 9, closed 4, orphaned 3, timewait 2)\n"
				   "\n"
				   "Transport Total     IP        IPv6\n"
				   "RAW\t  5         1         4        \n"
				   "UDP\t  11        6         5        \n"
				   "TCP\t  15        12        3        \n"
				   "INET\t  31        19        12       \n"
				   "FRAG\t  9         2         7        \n"
				   "\n";
	static const char without6[] = "Total: 290\n"
				       "TCP:   19 (estab 0, closed 7, orphaned 3, timewait 2)\n"
				       "\n"
				       "Transport Total     IP        IPv6\n"
				       "RAW\t  1         1         0        \n"
				       "UDP\t  6         6         0        \n"
				       "TCP\t  12        12        0        \n"
				       "INET\t  19        19        0        \n"
				       "FRAG\t  2         2         0        \n"
				       "\n";
	static const char only6[] = "Total: 0\n"
				    "TCP:   3 (estab 0, closed 0, orphaned 0, timewait 0)\n"
				    "\n"
				    "Transport Total     IP        IPv6\n"
				    "RAW\t  4         0         4        \n"
				    "UDP\t  5         0         5        \n"
				    "TCP\t  3         0         3        \n"
				    "INET\t  12        0         12       \n"
				    "FRAG\t  7         0         7        \n"
				    "\n";
	static const char nothing[] = "Total: 0\n"
				      "TCP:   0 (estab 0, closed 0, orphaned 0, timewait 0)\n"
				      "\n"
				      "Transport Total     IP        IPv6\n"
				      "RAW\t  0         0         0        \n"
				      "UDP\t  0         0         0        \n"
				      "TCP\t  0         0         0        \n"
				      "INET\t  0         0         0        \n"
				      "FRAG\t  0         0         0        \n"
				      "\n";
	char path[64], path6[64], path_snmp[64];
	struct host_files o = { .counters = { NULL, path, path6, path_snmp } };

	write_file(path, "sockstat", sockstat);
	write_file(path6, "sockstat6", sockstat6);
	write_file(path_snmp, "snmp", snmp);
	check_render(&o, full, "");

	CHECK(unlink(path6) == 0);
	CHECK(unlink(path_snmp) == 0);
	check_render(&o, without6,
		     "1 snmp: No such file or directory: how many are established is not known\n");

	CHECK(unlink(path) == 0);
	check_render(&o, nothing,
		     "1 sockstat: No such file or directory: how many sockets are in use is not known\n"
		     "1 snmp: No such file or directory: how many are established is not known\n");
	write_file(path6, "sockstat6", sockstat6);
	check_render(&o, only6,
		     "1 sockstat: No such file or directory: how many sockets are in use is not known\n"
		     "1 snmp: No such file or directory: how many are established is not known\n");
	CHECK(unlink(path6) == 0);
	o = (struct host_files){ .counters.proc_root = dir };
	check_render(&o, nothing,
		     "1 sockstat: No such file or directory: how many sockets are in use is not known\n"
		     "1 snmp: No such file or directory: how many are established is not known\n");
	CHECK(rmdir(dir) == 0);
}

static int parse(struct proc_counters *c, const char *text, size_t len,
		 int fn(struct proc_counters *c, struct sv text))
{
	char *exact = malloc(len ? len : 1); /* so that the sanitizer sees a read behind the end */
	int r;

	CHECK(exact);
	memcpy(exact, text, len);
	*c = proc_counters_none();
	r = fn(c, sv_n(exact, len));
	free(exact);
	return r;
}

/* A cut text never says something else than the whole, except that the last number may lack digits. */
static void test_cut(const char *text, int fn(struct proc_counters *c, struct sv text))
{
	struct proc_counters whole, c;

	CHECK(parse(&whole, text, strlen(text), fn) > 0);
	for (size_t len = 0; len < strlen(text); len++) {
		int n = 0, n_other = 0, r = parse(&c, text, len, fn);

		for (int i = 0; i < COUNTER_MAX; i++) {
			n += c.v[i] != -1;
			n_other += c.v[i] != -1 && c.v[i] != whole.v[i];
		}
		CHECK(n == r && n_other <= 1);
	}
}

static int64_t value(const char *text, enum proc_counter which)
{
	struct proc_counters c;

	(void)parse(&c, text, strlen(text), proc_counters_parse_sockstat);
	return c.v[which];
}

static int64_t estab(const char *text)
{
	struct proc_counters c;

	(void)parse(&c, text, strlen(text), proc_counters_parse_snmp);
	return c.v[COUNTER_TCP_ESTAB];
}

static void test_hostile(void)
{
	CHECK(value("TCP: inuse 7", COUNTER_TCP_INUSE) == 7);
	CHECK(value("TCP:   inuse   7  \n", COUNTER_TCP_INUSE) == 7);
	CHECK(value("TCP: alloc 9 inuse 7", COUNTER_TCP_INUSE) == 7);
	CHECK(value("TCP: new 1 alloc 9", COUNTER_TCP_ALLOC) == 9);
	CHECK(value("TCP: inuse 2147483647", COUNTER_TCP_INUSE) == 2147483647);
	CHECK(value("TCP: inuse 2147483648", COUNTER_TCP_INUSE) == -1);
	CHECK(value("TCP: inuse 99999999999999999999999", COUNTER_TCP_INUSE) == -1);
	CHECK(value("TCP: inuse -5", COUNTER_TCP_INUSE) == -1);
	CHECK(value("TCP: inuse", COUNTER_TCP_INUSE) == -1);
	CHECK(value("TCP6: inuse 7", COUNTER_TCP_INUSE) == -1);
	CHECK(value("inuse 7", COUNTER_TCP_INUSE) == -1);
	CHECK(value("\n\n  \n\n", COUNTER_TCP_INUSE) == -1);
	CHECK(estab(snmp) == 9);
	CHECK(estab("Tcp: CurrEstab") == -1);
	CHECK(estab("Tcp: CurrEstab\n") == -1);
	CHECK(estab("Tcp: CurrEstab\nUdp: 5\n") == -1);
	CHECK(estab("Tcp: A CurrEstab\nTcp: 5\n") == -1);
	CHECK(estab("Tcp: CurrEstab\nTcp: -1\n") == -1);
	CHECK(estab("Tcp: CurrEstab\nTcp: 5") == 5);
	CHECK(estab("Tcp: A\nTcp: 5") == -1);
}

/* Figures that fit together in no way: a negative number, as it always was. */
static void test_odd_figures(void)
{
	struct proc_counters c;
	struct text t = {};

	c = proc_counters_none();
	c.v[COUNTER_TCP_ALLOC] = 0;
	c.v[COUNTER_TCP_INUSE] = INT32_MAX;
	c.v[COUNTER_TCP6_INUSE] = INT32_MAX;
	summary_format(&c, &t);
	text_char(&t, '\0');
	CHECK(strstr(t.p, "TCP:   0 (estab 0, closed -4294967294, orphaned 0, timewait 0)\n"));
	CHECK(strstr(t.p, "\nTCP\t  4294967294 2147483647 2147483647\n"));
	text_done(&t);
}

/* The live parts answer at all; what they answer is up to the machine. */
static void test_live(void)
{
	int64_t n = -1;
	struct err e;
	int r = tcp_count_orphans(&n, &e);

	CHECK(r < 0 || n >= 0);
	n = -1;
	r = tcp_count_bound(&n, &e);
	CHECK(r < 0 || n >= 0);
}

int main(void)
{
	CHECK(mkdtemp(dir));
	test_files();
	test_cut(sockstat, proc_counters_parse_sockstat);
	test_cut(sockstat6, proc_counters_parse_sockstat);
	test_cut(snmp, proc_counters_parse_snmp);
	test_hostile();
	test_odd_figures();
	test_live();
	return 0;
}
