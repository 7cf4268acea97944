/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* Names of ports, protocols, hosts and interfaces, and files that are small, large, or not there. */

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "enrich/hostname.h"
#include "enrich/iface.h"
#include "enrich/namemap.h"
#include "enrich/service.h"

static char dir[] = "/tmp/test-names-XXXXXX";
static char path[256];

static const char *write_file(const char *name, const char *contents)
{
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	CHECK(f);
	fputs(contents, f);
	CHECK(fclose(f) == 0);
	return path;
}

static void test_file(void)
{
	struct text t = {};

	CHECK(file_read("/nonexistent", 10, &t) == -ENOENT);
	CHECK(file_read("/", 10, &t) == -EISDIR);
	CHECK(file_read(write_file("five", "12345"), 5, &t) == 0);
	CHECK(sv_is(sv_n(t.p, t.len), "12345"));
	CHECK(file_read(write_file("six", "abcdef"), 5, &t) == -EFBIG);
	CHECK(sv_is(sv_n(t.p, t.len), "12345abcde"));
	CHECK(file_read(write_file("none", ""), 5, &t) == 0);
	t.len = 0;
	write_file("inroot", "x");
	CHECK(file_read_proc(dir, "inroot", NULL, &t) == 0 && t.len == 1);
	CHECK(file_read_proc(dir, "missing", NULL, &t) == -ENOENT);
	CHECK(file_read_proc(dir, "missing", write_file("other", "yz"), &t) == 0 && t.len == 3);
	text_done(&t);
}

/* A table of mounts may be long, and is read to its end. */
static void test_long_file(void)
{
	enum { LEN = 3 << 20 };
	char *long_text = malloc(LEN + 1);
	struct text t = {};

	CHECK(long_text);
	memset(long_text, 'm', LEN);
	long_text[LEN] = '\0';
	(void)write_file("long", long_text);
	CHECK(file_read_proc(dir, "long", NULL, &t) == 0 && t.len == LEN);
	text_done(&t);
	free(long_text);
}

static void test_mount_path(void)
{
	static const struct {
		const char *field, *path;
	} cases[] = {
		{ "/a\\040b\\011\\012\\134c", "/a b\t\n\\c" },
		{ "/\r\v\f\033\xff", "/\r\v\f\033\xff" },
		{ "\\04", "\\04" },
		{ "\\777\\08", "\\777\\08" },
		{ "\\", "\\" },
	};
	struct text t = {};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		t.len = 0;
		file_put_mount_path(&t, sv(cases[i].field));
		CHECK(sv_is(sv_n(t.p, t.len), cases[i].path));
	}
	text_done(&t);
}

static void test_map(void)
{
	struct namemap m = {};
	struct sv got;

	CHECK(!namemap_find(&m, (struct namemap_key){ 0, 0 }, &got));
	for (uint64_t i = 0; i < 5000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "n%d", (int)i);
		CHECK(namemap_add(&m, (struct namemap_key){ i % 3, i }, i % 7 ? sv(name) : (struct sv){},
				  &got) == 0);
	}
	for (uint64_t i = 0; i < 5000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "n%d", (int)i);
		CHECK(namemap_find(&m, (struct namemap_key){ i % 3, i }, &got));
		CHECK(i % 7 ? sv_is(got, name) : !got.p);
		CHECK(!namemap_find(&m, (struct namemap_key){ 3, i }, &got));
	}
	namemap_done(&m);
}

static struct port_range range_of(const char *contents)
{
	struct service_opts o = { .port_range = contents ? write_file("range", contents) : "/nonexistent" };
	_cleanup_(services_freep) struct services *s = services_new(&o);

	CHECK(s);
	return services_auto_ports(s);
}

static void check_range(const char *contents, uint16_t first, uint16_t last)
{
	struct port_range r = range_of(contents);

	CHECK(r.first == first && r.last == last);
}

static void test_range(void)
{
	check_range("32768\t60999\n", 32768, 60999);
	check_range("  1 2", 1, 2);
	check_range(NULL, 1024, 4999);
	check_range("", 1024, 4999);
	check_range("32768", 1024, 4999);
	check_range("-1 7", 1024, 4999);
	check_range("5 70000", 1024, 4999);
	check_range("99999999999999999999999 70000", 1024, 4999);
}

static void test_services(void)
{
	struct service_opts o = { .port_range = write_file("range2", "80 6000\n") };
	_cleanup_(services_freep) struct services *s = services_new(&o);
	uint16_t port;

	CHECK(s);
	if (services_port(SERVICE_TCP, sv("ssh"), &port) < 0) {
		fputs("no services database: ports not tested\n", stderr);
		return;
	}
	CHECK(port == 22);
	CHECK(sv_is(services_name(s, SERVICE_TCP, 22), "ssh"));
	CHECK(sv_is(services_name(s, SERVICE_ANY, 22), "ssh"));
	CHECK(sv_is(services_name(s, SERVICE_UDP, 53), "domain"));
	CHECK(!services_name(s, SERVICE_TCP, 80).len); /* inside the range */
	CHECK(!services_name(s, SERVICE_TCP, 443).len);
	CHECK(!services_name(s, SERVICE_TCP, 65535).len);
	CHECK(services_port(SERVICE_TCP, sv_n("sshx", 3), &port) == 0 && port == 22);
	CHECK(services_port(SERVICE_TCP, sv("no such service"), &port) == -ENOENT);
	CHECK(services_port(SERVICE_TCP, (struct sv){}, &port) == -ENOENT);
	CHECK(services_port(SERVICE_UDP, sv("ssh"), &port) == -ENOENT);
}

/* Whether asked one by one or from the whole database, a port has the same name. */
static void test_all_ports(void)
{
	struct service_opts o = { .port_range = write_file("range3", "1 1\n") };
	_cleanup_(services_freep) struct services *whole = services_new(&o);

	CHECK(whole);
	for (unsigned int port = 65535; port > 65435; port--)
		CHECK(!services_name(whole, SERVICE_TCP, (uint16_t)port).len || port);
	for (unsigned int port = 2; port < 1000; port++) {
		_cleanup_(services_freep) struct services *one = services_new(&o);

		CHECK(one);
		for (int p = SERVICE_ANY; p < SERVICE_PROTO_MAX; p++) {
			struct sv a = services_name(one, (enum service_proto)p, (uint16_t)port);

			CHECK(sv_eq(services_name(whole, (enum service_proto)p, (uint16_t)port), a));
		}
	}
}

static void test_ipproto(void)
{
	_cleanup_(services_freep) struct services *s = services_new(NULL);

	CHECK(s);
	CHECK(sv_is(services_ipproto(s, 253), "ipproto-253"));
	CHECK(services_ipproto(s, 1).p == services_ipproto(s, 1).p);
	CHECK(sv_is(services_ipproto(s, 1), "icmp") || sv_is(services_ipproto(s, 1), "ipproto-1"));
}

static void test_hosts(void)
{
	static const uint8_t lo4[4] = { 127, 0, 0, 1 }, mapped[16] = { [10] = 0xff, 0xff, 127, 0, 0, 1 };
	_cleanup_(hostnames_freep) struct hostnames *h = hostnames_new();
	struct host_addr *list;
	struct err e;

	CHECK(h);
	CHECK(hostnames_name(h, AF_INET, lo4).p == hostnames_name(h, AF_INET6, mapped).p);
	CHECK(host_addresses(sv("192.0.2.7"), AF_UNSPEC, &list, &e) == 1);
	CHECK(list[0].af == AF_INET && list[0].addr[0] == 192 && list[0].addr[3] == 7);
	free(list);
	CHECK(host_addresses(sv("2001:db8::1"), AF_INET6, &list, &e) == 1);
	CHECK(list[0].af == AF_INET6 && list[0].addr[0] == 0x20 && list[0].addr[15] == 1);
	free(list);
	CHECK(host_addresses(sv("192.0.2.7"), AF_INET6, &list, &e) < 0);
	CHECK(host_addresses((struct sv){}, AF_UNSPEC, &list, &e) == -ENOENT);
}

static void test_loopback(void)
{
	_cleanup_(ifaces_freep) struct ifaces *t = ifaces_new(IFACES_HERE);
	uint32_t lo = if_nametoindex("lo"), index = 0;

	CHECK(t);
	if (!lo) {
		fputs("no loopback interface: interfaces not tested\n", stderr);
		return;
	}
	CHECK(sv_is(ifaces_name(t, lo), "lo"));
	CHECK(ifaces_name(t, lo).p == ifaces_name(t, lo).p);
	CHECK(sv_is(ifaces_name(t, 0), "if0"));
	CHECK(sv_is(ifaces_name(t, 0x7ffffff0), "if2147483632"));
	CHECK(sv_is(ifaces_name(t, UINT32_MAX), "if4294967295"));
	CHECK(ifaces_index(t, sv("lo"), &index) == 0 && index == lo);
	CHECK(ifaces_index(t, sv_n("lox", 2), &index) == 0 && index == lo);
	CHECK(ifaces_index(t, sv("if77"), &index) == 0 && index == 77);
	CHECK(ifaces_index(t, sv("78"), &index) == 0 && index == 78);
	CHECK(ifaces_index(t, sv("nosuchif"), &index) == -ENODEV && index == 78);
	CHECK(ifaces_index(t, sv("a-name-that-is-too-long-for-an-interface"), &index) == -ENODEV);
	CHECK(ifaces_index(t, sv_n("l\0o", 3), &index) == -ENODEV);
	CHECK(ifaces_index(t, (struct sv){}, &index) == -ENODEV);
}

/* More interfaces than are asked for one by one, and an alternative name. In a network namespace of our own.
 */
static void test_many(void)
{
	_cleanup_(ifaces_freep) struct ifaces *t = ifaces_new(IFACES_HERE);
	uint32_t index = 0;
	char name[32];

	CHECK(t);
	if (unshare(CLONE_NEWNET) < 0) {
		fputs("not allowed to make a network namespace: many interfaces not tested\n", stderr);
		return;
	}
	for (int i = 0; i < 20; i++) {
		char cmd[128];

		snprintf(cmd, sizeof(cmd), "ip link add many%d index %d type veth peer name peer%d", i,
			 1000 + i, i);
		if (system(cmd) != 0) { /* NOLINT(cert-env33-c) */
			fputs("cannot make interfaces: many interfaces not tested\n", stderr);
			return;
		}
	}
	for (uint32_t i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "many%d", (int)i);
		CHECK(sv_is(ifaces_name(t, 1000 + i), name));
		CHECK(ifaces_index(t, sv(name), &index) == 0 && index == 1000 + i);
	}
	CHECK(sv_is(ifaces_name(t, 999), "if999"));
	if (system("ip link property add dev many3 altname an-alternative-name-of-many3") ==
	    0) /* NOLINT(cert-env33-c) */
		CHECK(ifaces_index(t, sv("an-alternative-name-of-many3"), &index) == 0 && index == 1003);
}

int main(void)
{
	CHECK(mkdtemp(dir));
	test_file();
	test_long_file();
	test_mount_path();
	test_map();
	test_range();
	test_services();
	test_all_ports();
	test_ipproto();
	test_hosts();
	test_loopback();
	test_many();
	for (const char *const *f = (const char *const[]){ "five", "six", "none", "inroot", "other", "long",
							   "range", "range2", "range3", NULL };
	     *f; f++) {
		snprintf(path, sizeof(path), "%s/%s", dir, *f);
		CHECK(unlink(path) == 0);
	}
	CHECK(rmdir(dir) == 0);
	return 0;
}
