/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include "host/kept.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"

enum { SYSCTL_MAX = 1 << 20 };

static const char *const files[] = {
	"net/snmp",
	"net/snmp6",
	"net/netstat",
	"net/sockstat",
	"net/sockstat6",
	"net/softnet_stat",
	"net/stat/nf_conntrack",
	"sys/fs/file-max",
	"sys/fs/file-nr",
	"sys/fs/nr_open",
	"sys/net/core/default_qdisc",
	"sys/net/core/netdev_max_backlog",
	"sys/net/core/optmem_max",
	"sys/net/core/rmem_default",
	"sys/net/core/rmem_max",
	"sys/net/core/somaxconn",
	"sys/net/core/wmem_default",
	"sys/net/core/wmem_max",
	"sys/net/ipv4/ip_local_port_range",
	"sys/net/ipv4/ip_local_reserved_ports",
	"sys/net/ipv4/tcp_abort_on_overflow",
	"sys/net/ipv4/tcp_congestion_control",
	"sys/net/ipv4/tcp_ecn",
	"sys/net/ipv4/tcp_fastopen",
	"sys/net/ipv4/tcp_fin_timeout",
	"sys/net/ipv4/tcp_keepalive_intvl",
	"sys/net/ipv4/tcp_keepalive_probes",
	"sys/net/ipv4/tcp_keepalive_time",
	"sys/net/ipv4/tcp_max_orphans",
	"sys/net/ipv4/tcp_max_syn_backlog",
	"sys/net/ipv4/tcp_max_tw_buckets",
	"sys/net/ipv4/tcp_mem",
	"sys/net/ipv4/tcp_migrate_req",
	"sys/net/ipv4/tcp_moderate_rcvbuf",
	"sys/net/ipv4/tcp_mtu_probing",
	"sys/net/ipv4/tcp_notsent_lowat",
	"sys/net/ipv4/tcp_orphan_retries",
	"sys/net/ipv4/tcp_recovery",
	"sys/net/ipv4/tcp_retries1",
	"sys/net/ipv4/tcp_retries2",
	"sys/net/ipv4/tcp_rfc1337",
	"sys/net/ipv4/tcp_rmem",
	"sys/net/ipv4/tcp_rto_min_us",
	"sys/net/ipv4/tcp_sack",
	"sys/net/ipv4/tcp_slow_start_after_idle",
	"sys/net/ipv4/tcp_syn_retries",
	"sys/net/ipv4/tcp_synack_retries",
	"sys/net/ipv4/tcp_syncookies",
	"sys/net/ipv4/tcp_timestamps",
	"sys/net/ipv4/tcp_tw_reuse",
	"sys/net/ipv4/tcp_tw_reuse_delay",
	"sys/net/ipv4/tcp_window_scaling",
	"sys/net/ipv4/tcp_wmem",
	"sys/net/ipv4/udp_mem",
	"sys/net/ipv4/udp_rmem_min",
	"sys/net/ipv4/udp_wmem_min",
	"sys/net/netfilter/nf_conntrack_count",
	"sys/net/netfilter/nf_conntrack_max",
	"sys/net/netfilter/nf_conntrack_tcp_timeout_established",
	"sys/net/unix/max_dgram_qlen",
};

/* What the thread is in, whatever the namespace of the process. */
static int read_one(const struct host *h, const char *path, struct text *ret)
{
	char own[64];

	if (!h->files.root && !strncmp(path, "net/", 4)) {
		(void)snprintf(own, sizeof(own), "thread-self/%s", path);
		path = own;
	}
	return file_read_proc(h->files.root, path, NULL, ret);
}

static int read_files(const struct host *h, const struct kept_ops *ops, void *ctx)
{
	struct text t = {};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files) && r >= 0; i++) {
		t.len = 0;
		r = read_one(h, files[i], &t);
		if (r == 0) {
			r = t.failed ? -ENOMEM : ops->file(ctx, files[i], sv_n(t.p, t.len));
		} else if (r != -ENOMEM) {
			if (r != -ENOENT && ops->unread)
				ops->unread(ctx, files[i]);
			r = 0;
		}
	}
	text_done(&t);
	return r;
}

/* Appends the names that the file @dir/@name sets: "net.ipv4.tcp_sack = 1", "-net/ipv4/tcp_sack=1". */
static void put_set(const char *dir, const char *name, struct text *ret)
{
	struct text t = {};
	struct stat st;
	struct sv rest;
	char path[PATH_MAX];

	/* What is no file, as a pipe in the tree of another machine, may not end. */
	if (snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path) && stat(path, &st) == 0 &&
	    S_ISREG(st.st_mode))
		(void)file_read(path, SYSCTL_MAX, &t);
	for (rest = sv_n(t.p, t.len); rest.len;) {
		struct sv line = sv_take(&rest, '\n'), key = sv_trim(sv_take(&line, '='));

		if (!line.p || !key.len || key.p[0] == '#' || key.p[0] == ';')
			continue;
		key = sv_from(key, key.p[0] == '-');
		for (size_t i = 0; i < key.len; i++)
			text_char(ret, key.p[i] == '/' ? '.' : key.p[i]);
		text_char(ret, '\n');
	}
	text_done(&t);
}

/* sysctl.d(5); of the machine whose root is @tree, NULL for ours. */
static int read_sysctl(const char *tree, const struct kept_ops *ops, void *ctx)
{
	static const char *const dirs[] = { "etc/sysctl.d", "run/sysctl.d", "usr/lib/sysctl.d" };
	struct text t = {};
	char path[PATH_MAX];
	int r;

	if (tree && strlen(tree) >= PATH_MAX - NAME_MAX)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/etc", tree ? tree : "");
	put_set(path, "sysctl.conf", &t);
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		const struct dirent *d;
		DIR *dir;

		(void)snprintf(path, sizeof(path), "%s/%s", tree ? tree : "", dirs[i]);
		dir = opendir(path);
		while (dir && (d = readdir(dir)))
			if (d->d_name[0] != '.')
				put_set(path, d->d_name, &t);
		if (dir)
			(void)closedir(dir);
	}
	r = t.failed ? -ENOMEM : ops->file(ctx, KEPT_SYSCTL, sv_n(t.p ? t.p : "", t.len));
	text_done(&t);
	return r;
}

static int read_ifaces(const struct kept_ops *ops, void *ctx)
{
	struct if_nameindex *all = if_nameindex();
	int r = 0;

	for (const struct if_nameindex *i = all; i && i->if_index && r >= 0; i++)
		r = ops->iface(ctx, i->if_index, sv(i->if_name));
	if (all)
		if_freenameindex(all);
	return r;
}

int kept_read(struct host *h, const struct places *all, const struct place *p, const struct kept_ops *ops,
	      void *ctx)
{
	struct err e;
	int r = place_is_elsewhere(p) ? places_visit(all, p, &e) : 0;

	if (r == -ENOTRECOVERABLE)
		return r;
	if (r < 0) /* it was there when it was found; its sockets tell who asks for them */
		return 0;
	r = read_files(h, ops, ctx);
	/* Those of this machine say nothing of one whose /proc stands elsewhere. */
	if (r >= 0 && !place_is_elsewhere(p) && (!h->files.root || h->files.tree))
		r = read_sysctl(h->files.tree, ops, ctx);
	if (r >= 0)
		r = read_ifaces(ops, ctx);
	if (place_is_elsewhere(p) && places_visit(all, NULL, &e) < 0)
		return -ENOTRECOVERABLE;
	return r;
}
