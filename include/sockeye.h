/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#ifndef SOCKEYE_H
#define SOCKEYE_H

/*
 * libsockeye lists the sockets of the calling thread's network namespace, or
 * of a recording, with what the kernel knows about them.
 *
 * A context (sockeye) makes queries. A query says which sockets, and which
 * fields of them are wanted: only what is needed for those is asked of the
 * kernel. Running it calls a function for each socket that matches.
 *
 *	sockeye *s = sockeye_new();
 *	sockeye_query *q;
 *	sockeye_field port;
 *
 *	sockeye_field_find("local.port", &port);
 *	sockeye_query_new(s, "tcp state listening", "sport < 1024", &q);
 *	sockeye_query_want(q, port);
 *	sockeye_run(q, print_it, NULL);
 *
 * where print_it() calls sockeye_get_u64(row, port, 0, &number).
 *
 * Errors. Functions that return an int return 0 or a negative errno; those of
 * a context or a query also leave a text for sockeye_errmsg().
 * Incomplete answers. What was left out of an answer that is good as far as it
 * goes is told by sockeye_note(), and does not make a function fail.
 * Threads. A context, its queries and its rows belong to one thread at a time;
 * different contexts know nothing of each other. A large list may be read by a
 * second thread inside sockeye_run(), which blocks all signals and is gone on return.
 * The process. Nothing is printed, no signal is handled or blocked for the
 * caller, and locale, working directory and namespaces stay what they were.
 * Memory. What a function hands out belongs to the library, unless it says so.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

typedef struct sockeye sockeye;
typedef struct sockeye_query sockeye_query;
typedef struct sockeye_row sockeye_row;

/*
 * A kind of value: 0 to sockeye_field_count() - 1. The numbers are those of the library that is loaded:
 * find fields by name, in every process anew.
 */
typedef uint32_t sockeye_field;

/* What the values of a field are, and which functions read them; sockeye_format() reads all. */
enum sockeye_type {
	SOCKEYE_OTHER = 0, /* lists, processes: nothing else than sockeye_format() */
	SOCKEYE_UINT = 1,  /* sockeye_get_u64(); ports are in host byte order */
	SOCKEYE_INT = 2,   /* sockeye_get_i64() */
	SOCKEYE_WORD = 3,  /* one of a few words ("established"): sockeye_get_str(); or their number */
	SOCKEYE_STR = 4,   /* text that somebody chose, any bytes but NUL: sockeye_get_str() */
	SOCKEYE_BYTES = 5, /* sockeye_get_str() */
	SOCKEYE_ADDR = 6,  /* an IP address, 4 or 16 bytes in network order: sockeye_get_str() */
	SOCKEYE_FLAG = 7,  /* 1 when present: sockeye_get_u64() */
	SOCKEYE_REAL = 8   /* a share of 1: sockeye_get_double() */
};

/* How grave a note is. */
enum sockeye_level {
	SOCKEYE_HINT = 0,    /* could be done better */
	SOCKEYE_WARNING = 1, /* the answer leaves something out, or depends on what may not be seen */
	SOCKEYE_ERROR = 2    /* something failed: the answer is incomplete */
};

/* The version of the library that is loaded, "0.1.0". */
const char *sockeye_version(void);

/*
 * The number of the promise about names, types and units of fields, and about the form of their values in
 * JSON. It grows when something changes its meaning or goes away, not when something is added.
 */
int sockeye_schema_version(void);

/* Context. */

/* Makes a context, to be freed with sockeye_free(); NULL without memory. */
sockeye *sockeye_new(void);

/* Frees a context, which may be NULL, when all its queries have been freed. Returns NULL. */
sockeye *sockeye_free(sockeye *s);

/*
 * Whether large tables may be read by BPF programs, where that pays and the process has the privilege
 * (CAP_BPF with CAP_PERFMON, or CAP_SYS_ADMIN); by default they are not. The answers are the same, many times
 * sooner. Programs stay loaded as long as the query; what libbpf keeps for the whole process, such as the
 * function that it prints with, is found as it was left.
 */
void sockeye_allow_bpf(sockeye *s, int is_allowed);

/* What the last failure in @s was, in one or more lines; valid until the next call with @s. Never NULL. */
const char *sockeye_errmsg(const sockeye *s);

/* Fields. `ss --fields` and ss-fields(7) list them. */

/* Sets *@ret to the field called @name, such as "tcp.rtt". Returns 0, or -ENOENT. */
int sockeye_field_find(const char *name, sockeye_field *ret);

/* How many fields there are. */
size_t sockeye_field_count(void);

/* Name, and help in a few words; valid for ever. NULL when there is no such field. */
const char *sockeye_field_name(sockeye_field f);
const char *sockeye_field_help(sockeye_field f);

/* What its numbers count: "us", "ms", "bytes", "bytes/s"; NULL when they have no unit. */
const char *sockeye_field_unit(sockeye_field f);

enum sockeye_type sockeye_field_type(sockeye_field f);

/* Queries. */

/*
 * Makes a query for the sockets that both @sockets and @filter select; either may be NULL or empty: all.
 *
 * @sockets is "TABLE,... [state STATE]... [exclude STATE]...", with the tables of `ss -A` ("tcp", "udp",
 * "unix", "inet", "all", ...) and the states of ss(8) ("all", "listening", "connected", ...). Without a
 * state word these are the connected ones, as in ss. @filter is one of ss-filter(7): "peer.port = 443
 * and tcp.rtt > 100ms"; when it asks for states, and @sockets does not, these count. Names in it (of
 * services, interfaces, hosts) are looked up now; a host's by getaddrinfo(), which may ask a name server.
 *
 * Nothing is kept of the arguments. *@ret is to be freed with sockeye_query_free(), before @s.
 * Returns 0; -EINVAL when a text is no selection or no filter; -EDOM when an operand of the filter is not
 * what its predicate needs; -E2BIG when the filter is too large; -ENOMEM.
 */
int sockeye_query_new(sockeye *s, const char *sockets, const char *filter, sockeye_query **ret);

/* Frees a query, which may be NULL, and must not be running. Returns NULL. */
sockeye_query *sockeye_query_free(sockeye_query *q);

/* Asks for @f with each row of sockeye_run(). Returns 0; -EINVAL: no such field; -EBUSY: @q is running. */
int sockeye_query_want(sockeye_query *q, sockeye_field f);

/*
 * Where the sockets come from: "live:", the kernel, as when this is not called; or "file:PATH", a recording
 * of TCP sockets as `ss -D PATH` makes it, which is read anew by each run. The states that the query selects
 * count; nobody holds the sockets of a recording.
 * Returns 0; -EINVAL: no source, or one that has none of the query's tables; -EBUSY: @q is running; -ENOMEM;
 * or why the file cannot be read.
 */
int sockeye_query_source(sockeye_query *q, const char *uri);

/* Called with each socket; @row is valid for the call. Not 0: no more are wanted. Must return. */
typedef int (*sockeye_row_fn)(const sockeye_row *row, void *arg);

/*
 * Called with each group; the row has the values of the keys, and is valid for the call. Not 0: no more are
 * wanted. Must return.
 */
typedef int (*sockeye_count_fn)(const sockeye_row *keys, uint64_t count, void *arg);

/*
 * Calls @fn with @arg for each socket, as they come. It may run other queries and make or free them, but
 * neither run, change nor free @q (running it is -EBUSY).
 * Returns 0; what @fn returned to stop; or a negative errno: -EBUSY, -ENOMEM, or why nothing could be had.
 */
int sockeye_run(sockeye_query *q, sockeye_row_fn fn, void *arg);

/*
 * Counts the sockets by what they have in the fields @by, "FIELD,...": at most 8, each once. An address may
 * have the bits that count: "peer.addr/24" for IPv4, "/64" for IPv6, "/24/64" for both. By a part of
 * "process" a socket counts once for each different value. Fields need not be wanted. When all is counted @fn
 * is called with each group, the largest first; the values are read with the fields in @by, where a process
 * field has just one value. Returns as sockeye_run() does, also -EINVAL when @by is no such list and -E2BIG
 * when it is too long.
 */
int sockeye_count(sockeye_query *q, const char *by, sockeye_count_fn fn, void *arg);

/*
 * Note @i, from 0, about the last answer of sockeye_run() or sockeye_count(), and before the first about the
 * filter: a text, valid until the next run or until the query is freed; NULL when there are no more. Sets
 * *@ret_level, unless it is NULL.
 */
const char *sockeye_note(const sockeye_query *q, size_t i, enum sockeye_level *ret_level);

/*
 * Values of a row. All return -EINVAL for a field that was not wanted, and -ENODATA for one that is absent:
 * the kernel did not tell it, or it makes no sense for this socket. Absent is not zero.
 *
 * Nearly all fields have one value, number @i = 0. Those of processes ("process.name", "process.pid",
 * "process.fd") have as many as there are descriptors by which the socket is held, in the same order in each;
 * with "process.tid" wanted there is one for each thread. "process" itself has only the text of
 * sockeye_format(). A single one may be absent, as the name of a process that has just ended. -ERANGE: @i is
 * beyond the last.
 */

/* Sets *@ret to how many values @f has, also 0 when nobody holds the socket. */
int sockeye_get_length(const sockeye_row *row, sockeye_field f, size_t *ret);

/* -EDOM: the field's type has no whole number; -EOVERFLOW: it does not fit, as -1 into an unsigned one. */
int sockeye_get_u64(const sockeye_row *row, sockeye_field f, size_t i, uint64_t *ret);
int sockeye_get_i64(const sockeye_row *row, sockeye_field f, size_t i, int64_t *ret);

/* Any number, also a whole one, which above 2^53 is rounded. -EDOM: the field's type has no number. */
int sockeye_get_double(const sockeye_row *row, sockeye_field f, size_t i, double *ret);

/*
 * Sets *@ret to @ret_len bytes that are not ended by a NUL, valid as long as the row (words: for ever). They
 * are hostile: a process may call itself anything. A word that the library does not know is -ENODATA, and has
 * a number. -EDOM: the field has another type.
 */
int sockeye_get_str(const sockeye_row *row, sockeye_field f, size_t i, const char **ret, size_t *ret_len);

/* How sockeye_format() writes: these may be added up. */
enum sockeye_form {
	SOCKEYE_PLAIN =
		0, /* for programs: nothing rounded or lost, a backslash in front of what is not printable */
	SOCKEYE_HUMAN = 1 /* for people: "12.3ms", "4.0MiB"; what a terminal would act upon is replaced */
};

/*
 * Writes all values of @f as one line of UTF-8 to @buf, of @cap bytes, and ends it with a NUL; what does not
 * fit is cut. @buf may be NULL when @cap is 0. The forms are those of CSV and table in docs/formats.md.
 * Returns the length of all of it, without the NUL; -ENOMEM; -EINVAL also when @form is none.
 */
int sockeye_format(const sockeye_row *row, sockeye_field f, unsigned int form, char *buf, size_t cap);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
