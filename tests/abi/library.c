/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * usage: library RECORDING CUT-RECORDING
 *
 * What sockeye.h promises, seen from outside, on sockets that this makes. To be run in a network namespace
 * of its own. Says on standard output what did not hold, and exits with 1 then.
 */

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sockeye.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int n_failed;

#define CHECK(x) check(!!(x), __LINE__, #x)
#define IS(x, want) is((long long)(x), (long long)(want), __LINE__, #x)

static void check(int holds, int line, const char *what)
{
	if (holds)
		return;
	printf("line %d: not so: %s\n", line, what);
	n_failed++;
}

static void is(long long got, long long want, int line, const char *what)
{
	if (got == want)
		return;
	printf("line %d: %s is %lld, not %lld\n", line, what, got, want);
	n_failed++;
}

static sockeye_field field(const char *name)
{
	sockeye_field f = UINT32_MAX;

	IS(sockeye_field_find(name, &f), 0);
	return f;
}

enum { LISTENER_PORT = 7001 };

static uint16_t client_port;

/* A listener, a connection to it, and a unix one whose name has a line break in it, where somebody waits. */
static void make_sockets(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(LISTENER_PORT) };
	struct sockaddr_un u = { .sun_family = AF_UNIX, .sun_path = "\0abi\ntest\xff" };
	socklen_t len = sizeof(a);
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int name = socket(AF_UNIX, SOCK_STREAM, 0), waits = socket(AF_UNIX, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(bind(server, (struct sockaddr *)&a, sizeof(a)) == 0 && listen(server, 5) == 0);
	CHECK(connect(client, (struct sockaddr *)&a, sizeof(a)) == 0 && accept(server, NULL, NULL) >= 0);
	CHECK(getsockname(client, (struct sockaddr *)&a, &len) == 0);
	client_port = ntohs(a.sin_port);
	CHECK(bind(name, (struct sockaddr *)&u, sizeof(sa_family_t) + 10) == 0 && listen(name, 2) == 0);
	CHECK(connect(waits, (struct sockaddr *)&u, sizeof(sa_family_t) + 10) == 0);
}

static int has_note(const sockeye_query *q, enum sockeye_level want, const char *text)
{
	enum sockeye_level level;
	const char *note;

	for (size_t i = 0; (note = sockeye_note(q, i, &level)); i++)
		if (level == want && strstr(note, text))
			return 1;
	return 0;
}

static sockeye_query *query(sockeye *s, const char *sockets, const char *filter)
{
	sockeye_query *q = NULL;

	IS(sockeye_query_new(s, sockets, filter, &q), 0);
	if (!q) {
		printf("%s\n", sockeye_errmsg(s));
		exit(1);
	}
	return q;
}

static void check_fields(void)
{
	/* Lists of objects, and what is no single value. */
	static const char *const others[] = {
		"process",       "tcp.md5sig",    "sctp.locals",    "sctp.peers",   "unix.pending",
		"packet.mclist", "packet.filter", "smc.link_group", "peer.process", "raw"
	};
	sockeye_field f = 77;
	size_t n_others = 0;

	CHECK(sockeye_field_count() > 100);
	IS(sockeye_field_find("tcp.rt", &f), -ENOENT);
	IS(f, 77);
	for (sockeye_field i = 0; i < sockeye_field_count(); i++) {
		IS(sockeye_field_find(sockeye_field_name(i), &f), 0);
		IS(f, i);
		CHECK(sockeye_field_help(i) && *sockeye_field_help(i));
		n_others += sockeye_field_type(i) == SOCKEYE_OTHER;
	}
	IS(n_others, sizeof(others) / sizeof(*others));
	for (size_t i = 0; i < n_others; i++)
		IS(sockeye_field_type(field(others[i])), SOCKEYE_OTHER);
	f = (sockeye_field)sockeye_field_count();
	CHECK(!sockeye_field_name(f) && !sockeye_field_help(f) && !sockeye_field_unit(f));
	IS(sockeye_field_type(f), SOCKEYE_OTHER);
	CHECK(!strcmp(sockeye_field_unit(field("tcp.rtt")), "us"));
	CHECK(!strcmp(sockeye_field_unit(field("recvq")), "bytes"));
	CHECK(!sockeye_field_unit(field("state")));
	IS(sockeye_field_type(field("state")), SOCKEYE_WORD);
	IS(sockeye_field_type(field("peer.addr")), SOCKEYE_ADDR);
	IS(sockeye_field_type(field("process.pid")), SOCKEYE_UINT);
	IS(sockeye_field_type(field("accept.fill")), SOCKEYE_REAL);
	CHECK(sockeye_schema_version() >= 1 && strchr(sockeye_version(), '.'));
}

static void refuse(sockeye *s, const char *sockets, const char *filter, int want, const char *text)
{
	sockeye_query *q = NULL;

	IS(sockeye_query_new(s, sockets, filter, &q), want);
	CHECK(!q);
	if (!strstr(sockeye_errmsg(s), text))
		printf("\"%s\" does not say \"%s\"\n", sockeye_errmsg(s), text), n_failed++;
}

static void check_refused(sockeye *s)
{
	static char long_words[4096], deep[70000];
	sockeye_query *q = query(s, NULL, "");

	IS(strlen(sockeye_errmsg(s)), 0);
	refuse(s, "tcp,nope", NULL, -EINVAL, "nope");
	refuse(s, "tcp state", NULL, -EINVAL, "");
	refuse(s, "tcp state asleep", NULL, -EINVAL, "asleep");
	refuse(s, "tcp udp", NULL, -EINVAL, "udp");
	refuse(s, "state all \xff\x01", NULL, -EINVAL, "");
	refuse(s, NULL, "sport = ", -EINVAL, "");
	refuse(s, NULL, "(((", -EINVAL, "");
	for (size_t i = 0; i + 2 < sizeof(long_words); i += 2)
		memcpy(long_words + i, "a ", 3);
	refuse(s, long_words, NULL, -E2BIG, "words");
	memset(deep, '(', sizeof(deep) - 1);
	CHECK(sockeye_query_new(s, NULL, deep, &q) < 0);
	IS(sockeye_query_want(q, (sockeye_field)sockeye_field_count()), -EINVAL);
	CHECK(strstr(sockeye_errmsg(s), "field"));
	IS(sockeye_query_source(q, "tcp:1"), -EINVAL);
	IS(sockeye_query_source(q, "file:/nonexistent"), -ENOENT);
	CHECK(strstr(sockeye_errmsg(s), "/nonexistent"));
	IS(sockeye_query_source(q, "live:"), 0);
	sockeye_query_free(q);
	q = query(s, "udp", NULL);
	IS(sockeye_query_source(q, "file:/dev/null"), -EINVAL);
	sockeye_query_free(q);
}

struct seen {
	sockeye_query *q;
	sockeye_field state, addr, port, peer, rtt, process, pid, fd, tid, name, raw, unwanted;
	sockeye_field recvq, limit, fill;
	unsigned int n;
	int stop;
};

static int see_listener(const sockeye_row *row, void *arg)
{
	struct seen *s = arg;
	const char *p = NULL;
	size_t len = 0;
	uint64_t u = 99;
	int64_t i = 0;
	double d = -1;
	char buf[64];

	s->n++;
	IS(sockeye_get_str(row, s->state, 0, &p, &len), 0);
	CHECK(len == 9 && !memcmp(p, "listening", 9));
	IS(sockeye_get_u64(row, s->state, 0, &u), 0);
	IS(u, 10);
	IS(sockeye_get_str(row, s->addr, 0, &p, &len), 0);
	CHECK(len == 4 && !memcmp(p, "\x7f\0\0\1", 4));
	IS(sockeye_get_u64(row, s->addr, 0, &u), -EDOM);
	IS(sockeye_get_u64(row, s->port, 0, &u), 0);
	IS(u, LISTENER_PORT);
	IS(sockeye_get_i64(row, s->port, 0, &i), 0);
	IS(i, LISTENER_PORT);
	IS(sockeye_get_str(row, s->port, 0, &p, &len), -EDOM);
	IS(sockeye_get_u64(row, s->port, 1, &u), -ERANGE);
	IS(sockeye_get_u64(row, s->unwanted, 0, &u), -EINVAL);
	IS(sockeye_get_u64(row, UINT32_MAX, 0, &u), -EINVAL);
	IS(sockeye_get_length(row, s->unwanted, &len), -EINVAL);
	IS(sockeye_get_length(row, s->port, &len), 0);
	IS(len, 1);

	IS(sockeye_get_u64(row, s->recvq, 0, &u), -ENODATA);
	IS(sockeye_get_u64(row, s->limit, 0, &u), 0);
	IS(sockeye_get_u64(row, s->fill, 0, &u), -EDOM);
	IS(sockeye_get_i64(row, s->fill, 0, &i), -EDOM);
	IS(sockeye_get_double(row, s->fill, 0, &d), 0);
	CHECK(d == 0);
	IS(sockeye_get_double(row, s->limit, 0, &d), 0);
	CHECK(d == 5 && u == 5);
	IS(sockeye_get_double(row, s->state, 0, &d), 0);
	IS(sockeye_get_double(row, s->addr, 0, &d), -EDOM);
	IS(sockeye_get_double(row, s->unwanted, 0, &d), -EINVAL);

	IS(sockeye_get_length(row, s->pid, &len), 0);
	IS(len, 1);
	IS(sockeye_get_u64(row, s->pid, 0, &u), 0);
	IS(u, getpid());
	IS(sockeye_get_u64(row, s->pid, 1, &u), -ERANGE);
	IS(sockeye_get_u64(row, s->tid, 0, &u), -EINVAL);
	IS(sockeye_get_u64(row, s->process, 0, &u), -EDOM);
	IS(sockeye_get_str(row, s->name, 0, &p, &len), 0);
	CHECK(len == 7 && !memcmp(p, "library", 7));
	IS(sockeye_get_u64(row, s->fd, 0, &u), 0);
	snprintf(buf, sizeof(buf), "pid=%d fd=%d name=library", getpid(), (int)u);
	{
		char line[64];

		IS(sockeye_format(row, s->process, SOCKEYE_PLAIN, line, sizeof(line)), strlen(buf));
		CHECK(!strcmp(line, buf));
	}

	IS(sockeye_format(row, s->addr, SOCKEYE_PLAIN, buf, sizeof(buf)), 9);
	CHECK(!strcmp(buf, "127.0.0.1"));
	memset(buf, 'x', sizeof(buf));
	IS(sockeye_format(row, s->addr, SOCKEYE_PLAIN, buf, 4), 9);
	CHECK(!memcmp(buf, "127\0x", 5));
	IS(sockeye_format(row, s->addr, SOCKEYE_PLAIN, buf, 1), 9);
	CHECK(!buf[0]);
	IS(sockeye_format(row, s->addr, SOCKEYE_PLAIN, NULL, 0), 9);
	IS(sockeye_format(row, s->addr, 7, buf, sizeof(buf)), -EINVAL);
	IS(sockeye_format(row, s->unwanted, SOCKEYE_PLAIN, buf, sizeof(buf)), -EINVAL);

	IS(sockeye_run(s->q, see_listener, s), -EBUSY);
	IS(sockeye_query_want(s->q, s->rtt), -EBUSY);
	IS(sockeye_query_source(s->q, "live:"), -EBUSY);
	return s->stop;
}

static int count_rows(const sockeye_row *row, void *arg)
{
	(void)row;
	++*(unsigned int *)arg;
	return 0;
}

static int see_connection(const sockeye_row *row, void *arg)
{
	struct seen *s = arg;
	char human[32];
	uint64_t rtt;

	s->n++;
	IS(sockeye_get_u64(row, s->rtt, 0, &rtt), 0);
	CHECK(rtt > 0);
	CHECK(sockeye_format(row, s->rtt, SOCKEYE_HUMAN, human, sizeof(human)) > 0);
	CHECK(human[strlen(human) - 1] == 's');
	return 0;
}

static void check_live(sockeye *s)
{
	struct seen a = { .state = field("state"),
			  .addr = field("local.addr"),
			  .port = field("local.port"),
			  .peer = field("peer.port"),
			  .rtt = field("tcp.rtt"),
			  .process = field("process"),
			  .pid = field("process.pid"),
			  .fd = field("process.fd"),
			  .tid = field("process.tid"),
			  .name = field("process.name"),
			  .recvq = field("recvq"),
			  .limit = field("accept.limit"),
			  .fill = field("accept.fill"),
			  .unwanted = field("cookie") };
	const sockeye_field wanted[] = { a.state, a.addr, a.port,  a.rtt,   a.process, a.pid,
					 a.fd,    a.name, a.recvq, a.limit, a.fill };
	char filter[64];
	sockeye_query *q = a.q = query(s, "tcp state listening", "sport = :7001");

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		IS(sockeye_query_want(q, wanted[i]), 0);
	for (int stop = -3; stop <= 3; stop += 3) {
		a.n = 0;
		a.stop = stop;
		IS(sockeye_run(q, see_listener, &a), stop);
		IS(a.n, 1);
	}
	CHECK(!has_note(q, SOCKEYE_ERROR, "")); /* others depend on who runs this */
	sockeye_query_free(q);

	q = query(s, "tcp", NULL); /* the connected ones: both ends */
	a.n = 0;
	IS(sockeye_run(q, count_rows, &a.n), 0);
	IS(a.n, 2);
	sockeye_query_free(q);
	q = query(s, "tcp state all", NULL);
	a.n = 0;
	IS(sockeye_run(q, count_rows, &a.n), 0);
	IS(a.n, 3);
	sockeye_query_free(q);

	snprintf(filter, sizeof(filter), "sport = :%u", client_port);
	q = query(s, "tcp", filter);
	IS(sockeye_query_want(q, a.rtt), 0);
	a.n = 0;
	IS(sockeye_run(q, see_connection, &a), 0);
	IS(a.n, 1);
	sockeye_query_free(q);
	q = query(s, "tcp", "sport = :1 and sport = :2 or sport = :3");
	IS(sockeye_run(q, count_rows, &a.n), 0);
	CHECK(has_note(q, SOCKEYE_HINT, "parentheses"));
	sockeye_query_free(q);
	q = query(s, "tcp", "state = listening"); /* the filter's states, when no others are asked for */
	a.n = 0;
	IS(sockeye_run(q, count_rows, &a.n), 0);
	IS(a.n, 1);
	sockeye_query_free(q);
	refuse(s, "tcp", "tcp.rtt > 10mz", -EINVAL, "mz");
}

static int see_unix(const sockeye_row *row, void *arg)
{
	struct seen *s = arg;
	const char *p = NULL;
	size_t len = 0;
	double fill = -1;
	char buf[64];

	s->n++;
	IS(sockeye_get_double(row, s->fill, 0, &fill), 0);
	CHECK(fill == 0.5);
	CHECK(sockeye_format(row, s->fill, SOCKEYE_PLAIN, buf, sizeof(buf)) == 3 && !strcmp(buf, "0.5"));
	CHECK(sockeye_format(row, s->fill, SOCKEYE_HUMAN, buf, sizeof(buf)) == 5 && !strcmp(buf, "50.0%"));
	IS(sockeye_get_str(row, s->name, 0, &p, &len), 0);
	CHECK(len == 10 && !memcmp(p, "@abi\ntest\xff", 10));
	CHECK(sockeye_format(row, s->name, SOCKEYE_PLAIN, buf, sizeof(buf)) > 0);
	CHECK(!strcmp(buf, "@abi\\x0atest\\xff"));
	CHECK(sockeye_format(row, s->name, SOCKEYE_HUMAN, buf, sizeof(buf)) > 0);
	CHECK(!strchr(buf, '\n') && !strchr(buf, '\xff'));
	IS(sockeye_get_str(row, s->raw, 0, &p, &len), 0); /* the kernel's own */
	CHECK(len == 10 && !memcmp(p, "\0abi\ntest\xff", 10));
	IS(sockeye_get_str(row, s->addr, 0, &p, &len), -ENODATA); /* it makes no sense here */
	IS(sockeye_get_length(row, s->addr, &len), -ENODATA);
	IS(sockeye_format(row, s->addr, SOCKEYE_PLAIN, buf, sizeof(buf)), -ENODATA);
	return 0;
}

static void check_unix(sockeye *s)
{
	struct seen a = { .name = field("unix.name"),
			  .raw = field("unix.name_raw"),
			  .addr = field("local.addr"),
			  .fill = field("accept.fill") };
	sockeye_query *q = query(s, "unix_stream state listening", NULL);

	IS(sockeye_query_want(q, a.name), 0);
	IS(sockeye_query_want(q, a.raw), 0);
	IS(sockeye_query_want(q, a.addr), 0);
	IS(sockeye_query_want(q, a.fill), 0);
	IS(sockeye_run(q, see_unix, &a), 0);
	IS(a.n, 1);
	sockeye_query_free(q);
}

struct groups {
	sockeye_field state, addr, port, name;
	uint64_t total, last;
	unsigned int n;
	int stop;
};

static int see_group(const sockeye_row *keys, uint64_t count, void *arg)
{
	struct groups *g = arg;
	char buf[64];
	uint64_t u;
	size_t len;

	if (g->n++)
		CHECK(count <= g->last);
	g->last = count;
	g->total += count;
	if (count == 2) { /* both ends of the connection */
		CHECK(sockeye_format(keys, g->addr, SOCKEYE_PLAIN, buf, sizeof(buf)) > 0);
		CHECK(!strcmp(buf, "127.0.0.0/8"));
	} else { /* the listener has no peer */
		IS(count, 1);
		IS(sockeye_format(keys, g->addr, SOCKEYE_PLAIN, buf, sizeof(buf)), -ENODATA);
	}
	CHECK(sockeye_format(keys, g->name, SOCKEYE_PLAIN, buf, sizeof(buf)) == 7 && !strcmp(buf, "library"));
	IS(sockeye_get_length(keys, g->name, &len), 0);
	IS(len, 1);
	IS(sockeye_get_u64(keys, g->port, 0, &u), -EINVAL);
	return g->stop;
}

static void check_count(sockeye *s)
{
	struct groups g = { .state = field("state"),
			    .addr = field("peer.addr"),
			    .port = field("local.port"),
			    .name = field("process.name") };
	sockeye_query *q = query(s, "tcp state all", NULL);

	IS(sockeye_count(q, "peer.addr/8,process.name", see_group, &g), 0);
	IS(g.n, 2);
	IS(g.total, 3);
	g.n = 0;
	g.stop = 5;
	IS(sockeye_count(q, "peer.addr/8,process.name", see_group, &g), 5);
	IS(g.n, 1);
	IS(sockeye_count(q, "", see_group, &g), -EINVAL);
	IS(sockeye_count(q, "nope", see_group, &g), -EINVAL);
	CHECK(strstr(sockeye_errmsg(s), "nope"));
	IS(sockeye_count(q, "state,state", see_group, &g), -EINVAL);
	IS(sockeye_count(q, "state,sum(recvq)", see_group, &g), -EINVAL);
	IS(sockeye_count(q, "peer.addr/200", see_group, &g), -EINVAL);
	IS(sockeye_count(q, "tcp.*", see_group, &g), -E2BIG);
	IS(sockeye_count(q, "process", see_group, &g), -EINVAL);
	IS(sockeye_count(q, "count", see_group, &g), -EINVAL);
	IS(g.n, 1);
	sockeye_query_free(q);
}

static int see_recorded(const sockeye_row *row, void *arg)
{
	struct seen *s = arg;
	size_t len = 1;
	int r = sockeye_get_length(row, s->pid, &len);

	s->n++;
	CHECK(r == -ENODATA || (r == 0 && len == 0));
	return 0;
}

static void check_recording(sockeye *s, const char *path, const char *cut)
{
	struct seen a = { .pid = field("process.pid") };
	sockeye_query *q = query(s, "all state all", NULL);
	enum sockeye_level level = SOCKEYE_HINT;
	unsigned int n_all, n_listening = 0;
	char uri[4096];

	snprintf(uri, sizeof(uri), "file:%s", path);
	IS(sockeye_query_source(q, uri), 0);
	IS(sockeye_query_want(q, a.pid), 0);
	IS(sockeye_run(q, see_recorded, &a), 0);
	CHECK(a.n > 3);
	CHECK(!sockeye_note(q, 0, NULL));
	n_all = a.n;
	a.n = 0;
	snprintf(uri, sizeof(uri), "file:%s", cut);
	IS(sockeye_query_source(q, uri), 0);
	IS(sockeye_run(q, see_recorded, &a), 0);
	CHECK(a.n && a.n < n_all);
	CHECK(sockeye_note(q, 0, &level));
	IS(level, SOCKEYE_ERROR);
	CHECK(!sockeye_note(q, 1, NULL));
	sockeye_query_free(q);

	q = query(s, "all state all", "not has process");
	IS(sockeye_query_source(q, uri), 0);
	IS(sockeye_run(q, count_rows, &n_listening), 0);
	CHECK(has_note(q, SOCKEYE_WARNING, "a recording does not tell them"));
	sockeye_query_free(q);
	n_listening = 0;

	q = query(s, "tcp state listening", NULL);
	snprintf(uri, sizeof(uri), "file:%s", path);
	IS(sockeye_query_source(q, uri), 0);
	IS(sockeye_run(q, count_rows, &n_listening), 0);
	CHECK(n_listening && n_listening < n_all);
	sockeye_query_free(q);
}

static void *work(void *arg)
{
	sockeye *s = sockeye_new();

	(void)arg;
	for (int i = 0; i < 10; i++) {
		sockeye_query *q = query(s, "tcp state all", "sport = :7001 or dport = :7001");
		unsigned int n = 0;

		IS(sockeye_query_want(q, field("process.name")), 0);
		IS(sockeye_run(q, count_rows, &n), 0);
		IS(n, 3);
		sockeye_query_free(q);
	}
	return sockeye_free(s);
}

static void check_threads(void)
{
	pthread_t t[4];

	for (size_t i = 0; i < 4; i++)
		CHECK(pthread_create(&t[i], NULL, work, NULL) == 0);
	for (size_t i = 0; i < 4; i++)
		CHECK(pthread_join(t[i], NULL) == 0);
}

static size_t n_entries(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* What of the process a library could change. */
struct process {
	size_t n_fds, n_threads;
	sigset_t mask;
	struct sigaction pipe, alarm;
	char cwd[4096], locale[256];
	ino_t net;
	mode_t mask_of_files;
};

static void look(struct process *p)
{
	struct stat st = { 0 };

	memset(p, 0, sizeof(*p));
	p->n_fds = n_entries("/proc/self/fd");
	p->n_threads = n_entries("/proc/self/task");
	pthread_sigmask(SIG_SETMASK, NULL, &p->mask);
	sigaction(SIGPIPE, NULL, &p->pipe);
	sigaction(SIGALRM, NULL, &p->alarm);
	CHECK(getcwd(p->cwd, sizeof(p->cwd)) != NULL);
	snprintf(p->locale, sizeof(p->locale), "%s", setlocale(LC_ALL, NULL));
	CHECK(stat("/proc/self/ns/net", &st) == 0);
	p->net = st.st_ino;
	p->mask_of_files = umask(0);
	umask(p->mask_of_files);
}

int main(int argc, char **argv)
{
	struct process before, after;
	sockeye *s;

	if (argc != 3)
		return 2;
	make_sockets();
	look(&before);
	s = sockeye_new();
	check_fields();
	check_refused(s);
	check_live(s);
	check_unix(s);
	check_count(s);
	check_recording(s, argv[1], argv[2]);
	check_threads();
	CHECK(!sockeye_free(s) && !sockeye_free(NULL) && !sockeye_query_free(NULL));
	/* One that has been joined may still be on its way out. */
	while (n_entries("/proc/self/task") > before.n_threads)
		(void)sched_yield();
	look(&after);
	IS(after.n_fds, before.n_fds);
	IS(after.n_threads, before.n_threads);
	IS(after.net, before.net);
	IS(after.mask_of_files, before.mask_of_files);
	CHECK(!memcmp(&before.mask, &after.mask, sizeof(before.mask)));
	CHECK(before.pipe.sa_handler == after.pipe.sa_handler &&
	      before.alarm.sa_handler == after.alarm.sa_handler);
	CHECK(!strcmp(before.cwd, after.cwd) && !strcmp(before.locale, after.locale));
	return n_failed != 0;
}
