/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/*
 * Names of containers from files as the runtimes lay them out, from some that are broken or hostile, and from
 * a file system that does not answer.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "check.h"
#include "enrich/state_files.h"
#include "enrich/tenants.h"

#define A "4f1c0de5a3b29788aa11bb22cc33dd44ee55ff6600112233445566778899aabb"
#define B "b00b5e77c0ffee00112233445566778899aabbccddeeff001122334455667788"
#define UID "0c3b2a19-1234-4abc-9def-00112233aabb"
#define UID_ "0c3b2a19_1234_4abc_9def_00112233aabb"
#define KUBE "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice"
#define USER "/user.slice/user-1000.slice/user@1000.service/user.slice"
#define PASSWD "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000:Ann,,,:/home/ann:/bin/sh\n"
#define CRI "io.kubernetes.cri."
#define TASK "/run/containerd/io.containerd.runtime.v2.task"
#define STORE "/var/lib/containers/storage/overlay-containers"

enum { FILES = 4 };

static const struct layout {
	const char *what;
	struct {
		const char *path, *text; /* a text that begins with "->" is a symbolic link */
	} file[FILES];
	const char *cgroup;
	const char *name, *runtime, *pod, *pod_namespace, *pod_uid;
	enum tenant_lack lack;
} layouts[] = {
	{ "docker",
	  { { "/var/lib/docker/containers/" A "/config.v2.json",
	      "{\"StreamConfig\":{},\"State\":{\"Pid\":7},\"ID\":\"" A "\",\"Config\":{\"Hostname\":\"4f1c\","
	      "\"Labels\":{\"Name\":\"no\"}},\"Name\":\"/web\",\"NetworkSettings\":{\"Name\":\"/"
	      "wrong\"}}" } },
	  "/docker/" A,
	  "web",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "docker with a data-root of its own",
	  { { "/etc/docker/daemon.json", "{\"debug\": true, \"data-root\": \"/data/docker\"}\n" },
	    { "/data/docker/containers/" A "/config.v2.json", "{\"Name\":\"/elsewhere\"}" } },
	  "/system.slice/docker-" A ".scope",
	  "elsewhere",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "docker behind a symbolic link, which stays below the tree",
	  { { "/var/lib/docker", "->/srv/docker" },
	    { "/srv/docker/containers/" A "/config.v2.json", "{\"Name\":\"/linked\"}" } },
	  "/docker/" A,
	  "linked",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "docker of a snap",
	  { { "/var/snap/docker/common/var-lib-docker/containers/" A "/config.v2.json",
	      "{\"Name\":\"/snapped\"}" } },
	  "/docker/" A,
	  "snapped",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "docker without root",
	  { { "/etc/passwd", PASSWD },
	    { "/home/ann/.local/share/docker/containers/" A "/config.v2.json", "{\"Name\":\"/mine\"}" } },
	  USER "/docker-" A ".scope",
	  "mine",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "docker of Kubernetes (cri-dockerd)",
	  { { "/var/lib/docker/containers/" A "/config.v2.json",
	      "{\"Name\":\"/k8s_app_web-0_prod_" UID "_0\",\"Config\":{\"Labels\":{"
	      "\"io.kubernetes.container.name\":\"app\",\"io.kubernetes.pod.name\":\"web-0\","
	      "\"io.kubernetes.pod.namespace\":\"prod\",\"io.kubernetes.pod.uid\":\"" UID "\"}}}" } },
	  "/kubepods/burstable/pod" UID "/" A,
	  "app",
	  "docker",
	  "web-0",
	  "prod",
	  UID,
	  TENANT_WHOLE },
	{ "containerd of Kubernetes, by its logs",
	  { { "/var/log/containers/other-1_kube-system_x-" B ".log", "" },
	    { "/var/log/containers/web-7d9f_prod_nginx-" A ".log", "" } },
	  KUBE "/cri-containerd-" A ".scope",
	  "nginx",
	  "containerd",
	  "web-7d9f",
	  "prod",
	  UID,
	  TENANT_WHOLE },
	{ "containerd of Kubernetes, by its annotations",
	  { { TASK "/moby/" B "/config.json", "{}" },
	    { TASK "/k8s.io/" A "/config.json",
	      "{\"ociVersion\":\"1.1.0\",\"process\":{\"args\":[\"nginx\"]},\"annotations\":{"
	      "\"" CRI "container-name\":\"nginx\",\"" CRI "container-type\":\"container\","
	      "\"" CRI "sandbox-name\":\"web-7d9f\",\"" CRI "sandbox-namespace\":\"prod\",\"" CRI
	      "sandbox-uid\":\"" UID "\"},\"linux\":{}}" } },
	  KUBE "/cri-containerd-" A ".scope",
	  "nginx",
	  "containerd",
	  "web-7d9f",
	  "prod",
	  UID,
	  TENANT_WHOLE },
	{ "the sandbox of a pod, which has no log",
	  { { "/var/log/pods/prod_web-7d9f_" UID "/nginx/0.log", "" },
	    { "/var/log/containers/web-7d9f_prod_nginx-" B ".log", "" } },
	  KUBE "/cri-containerd-" A ".scope",
	  "",
	  "containerd",
	  "web-7d9f",
	  "prod",
	  UID,
	  TENANT_WHOLE },
	{ "a socket of a pod's own cgroup",
	  { { "/var/log/pods/prod_web-7d9f_" UID "/nginx/0.log", "" } },
	  KUBE,
	  "",
	  "",
	  "web-7d9f",
	  "prod",
	  UID,
	  TENANT_WHOLE },
	{ "k3s",
	  { { "/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/" A "/config.json",
	      "{\"annotations\":{\"" CRI "container-name\":\"traefik\",\"" CRI
	      "sandbox-name\":\"traefik-0\"}}" } },
	  "/kubepods/pod" UID "/" A,
	  "traefik",
	  "containerd",
	  "traefik-0",
	  "",
	  UID,
	  TENANT_WHOLE },
	{ "microk8s",
	  { { "/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task/k8s.io/" A
	      "/config.json",
	      "{\"annotations\":{\"" CRI "container-name\":\"dns\"}}" } },
	  "/kubepods/pod" UID "/" A,
	  "dns",
	  "containerd",
	  "",
	  "",
	  UID,
	  TENANT_WHOLE },
	{ "nerdctl, by its annotation",
	  { { TASK "/default/" A "/config.json", "{\"annotations\":{\"nerdctl/name\":\"db\"}}" } },
	  "/default/" A,
	  "db",
	  "containerd",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "nerdctl, by its names",
	  { { TASK "/default/" A "/config.json", "{\"annotations\":{}}" },
	    { "/var/lib/nerdctl/1935db59/names/default/other", B },
	    { "/var/lib/nerdctl/1935db59/names/default/cache", A } },
	  "/system.slice/nerdctl-" A ".scope",
	  "cache",
	  "containerd",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "nerdctl without root",
	  { { "/etc/passwd", PASSWD }, { "/home/ann/.local/share/nerdctl/1935db59/names/default/own", A } },
	  USER "/nerdctl-" A ".scope",
	  "own",
	  "containerd",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "CRI-O, by its annotations",
	  { { "/run/containers/storage/overlay-containers/" A "/userdata/config.json",
	      "{\"annotations\":{\"io.kubernetes.container.name\":\"app\",\"io.kubernetes.pod.name\":\"web-"
	      "0\","
	      "\"io.kubernetes.pod.namespace\":\"prod\",\"io.kubernetes.pod.uid\":\"" UID "\"}}" } },
	  KUBE "/crio-" A ".scope",
	  "app",
	  "cri-o",
	  "web-0",
	  "prod",
	  UID,
	  TENANT_WHOLE },
	{ "CRI-O with cgroupfs, known by its files only",
	  { { "/run/containers/storage/overlay-containers/" A "/userdata/config.json",
	      "{\"annotations\":{\"io.kubernetes.container.name\":\"app\",\"io.kubernetes.pod.name\":\"web-"
	      "0\"}}" } },
	  "/kubepods/pod" UID "/" A,
	  "app",
	  "cri-o",
	  "web-0",
	  "",
	  UID,
	  TENANT_WHOLE },
	{ "podman",
	  { { STORE "/containers.json",
	      "[{\"id\":\"" B "\",\"names\":[\"no\"]},{\"id\":\"" A
	      "\",\"names\":[\"web\",\"alias\"],\"image\":\"x\","
	      "\"metadata\":\"{\\\"name\\\":\\\"web\\\"}\",\"flags\":{\"Process\":\"x\"}}]" },
	    { "/run/containers/storage/overlay-containers/" A "/userdata/config.json",
	      "{\"annotations\":{}}" } },
	  "/machine.slice/libpod-" A ".scope/container",
	  "web",
	  "podman",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "podman run --rm",
	  { { STORE "/containers.json", "[]" },
	    { STORE "/volatile-containers.json", "[{\"names\":[\"brief\"],\"id\":\"" A "\"}]" } },
	  "/machine.slice/libpod-" A ".scope/container",
	  "brief",
	  "podman",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "podman with storage of its own",
	  { { "/etc/containers/storage.conf",
	      "[storage]\ndriver = \"vfs\"\n# graphroot = \"/no\"\ngraphroot = \"/big/store\"\n" },
	    { "/big/store/vfs-containers/containers.json", "[{\"id\":\"" A "\",\"names\":[\"big\"]}]" } },
	  "/system.slice/web.service/libpod-payload-" A,
	  "big",
	  "podman",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "podman without root",
	  { { "/etc/passwd", PASSWD },
	    { "/home/ann/.local/share/containers/storage/overlay-containers/containers.json",
	      "[{\"id\":\"" A "\",\"names\":[\"mine\"]}]" } },
	  USER "/libpod-" A ".scope/container",
	  "mine",
	  "podman",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "a container with a parent of its own",
	  { { STORE "/containers.json", "[{\"id\":\"" A "\",\"names\":[\"odd\"]}]" } },
	  "/my/own/" A,
	  "odd",
	  "podman",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "LXC",
	  { { "/var/lib/lxc/web/config", "" } },
	  "/lxc.payload.web",
	  "web",
	  "lxc",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "Incus",
	  { { "/var/lib/incus/containers/web", "->/var/lib/incus/storage-pools/default/containers/web" } },
	  "/lxc.payload.web/init.scope",
	  "web",
	  "incus",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "LXD of a snap",
	  { { "/var/snap/lxd/common/lxd/containers/web", "->/nowhere" } },
	  "/lxc.payload.web",
	  "web",
	  "lxd",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "systemd-nspawn",
	  { { "/run/systemd/machines/unit:systemd-nspawn@my\\x2dweb.service", "->my-web" },
	    { "/run/systemd/machines/my-web",
	      "# This is private data.\nNAME=my-web\nSERVICE=systemd-nspawn\n" } },
	  "/machine.slice/systemd-nspawn@my\\x2dweb.service/payload",
	  "my-web",
	  "systemd-nspawn",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "systemd-nspawn by hand",
	  { { "/run/systemd/machines/unit:machine-web.scope", "->web" },
	    { "/run/systemd/machines/web", "NAME=web\nSERVICE=systemd-nspawn\nCLASS=container\n" } },
	  "/machine.slice/machine-web.scope/payload",
	  "web",
	  "systemd-nspawn",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "libvirt, with a name that is cut in the path",
	  { { "/run/systemd/machines/unit:machine-qemu\\x2d3\\x2ddb.scope", "->qemu-3-db-of-the-shop" },
	    { "/run/systemd/machines/qemu-3-db-of-the-shop", "SERVICE=libvirt-qemu\n" } },
	  "/machine.slice/machine-qemu\\x2d3\\x2ddb.scope/libvirt/emulator",
	  "db-of-the-shop",
	  "libvirt",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "libvirt without files",
	  { {} },
	  "/machine.slice/machine-qemu\\x2d3\\x2ddb.scope",
	  "db",
	  "libvirt",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "a snap",
	  { {} },
	  "/system.slice/snap.lxd.daemon.service",
	  "lxd",
	  "snap",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "a flatpak",
	  { {} },
	  USER "/app-flatpak-org.mozilla.firefox-42.scope",
	  "org.mozilla.firefox",
	  "flatpak",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	/* broken, hostile */
	{ "nobody knows it", { {} }, "/docker/" A, "", "docker", "", "", "", TENANT_WHOLE },
	{ "a file that is cut",
	  { { "/var/lib/docker/containers/" A "/config.v2.json", "{\"Name\":\"/web\",\"Config\":{" } },
	  "/docker/" A,
	  "",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_BROKEN },
	{ "a file with nothing in it",
	  { { "/var/lib/docker/containers/" A "/config.v2.json", "" } },
	  "/docker/" A,
	  "",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_BROKEN },
	{ "a name that is no text",
	  { { "/var/lib/docker/containers/" A "/config.v2.json", "{\"Name\":[\"/web\"]}" } },
	  "/docker/" A,
	  "",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "a name with an escape sequence and more",
	  { { "/var/lib/docker/containers/" A "/config.v2.json", "{\"Name\":\"/\\u001b[7m\\u202e\\n\"}" } },
	  "/docker/" A,
	  "\033[7m\342\200\256\n",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "a directory in place of the file",
	  { { "/var/lib/docker/containers/" A "/config.v2.json/x", "" } },
	  "/docker/" A,
	  "",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_BROKEN },
	{ "a symbolic link round about",
	  { { "/var/lib/docker/containers/" A "/config.v2.json", "->config.v2.json" } },
	  "/docker/" A,
	  "",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_BROKEN },
	{ "a user's link to what is not his",
	  { { "/etc/passwd", PASSWD },
	    { "/root/secret", "[{\"id\":\"" A "\",\"names\":[\"secret\"]}]" },
	    { "/home/ann/.local/share/containers/storage/overlay-containers/containers.json",
	      "->/root/secret" } },
	  USER "/libpod-" A ".scope",
	  "",
	  "podman",
	  "",
	  "",
	  "",
	  TENANT_BROKEN },
	{ "a machine's link out of its directory",
	  { { "/run/systemd/machines/unit:machine-web.scope", "->../../../etc/shadow" } },
	  "/machine.slice/machine-web.scope",
	  "web",
	  "systemd-machined",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "a home that is none",
	  { { "/etc/passwd", "ann:x:1000:1000::relative:/bin/sh\nx\n::::\n" } },
	  USER "/docker-" A ".scope",
	  "",
	  "docker",
	  "",
	  "",
	  "",
	  TENANT_WHOLE },
	{ "a log that is called otherwise",
	  { { "/var/log/containers/x-" A ".log", "" } },
	  KUBE "/cri-containerd-" A ".scope",
	  "",
	  "containerd",
	  "",
	  "",
	  UID,
	  TENANT_BROKEN },
};

_Static_assert(ARRAY_SIZE(layouts) >= 15, "there are more runtimes");

static char dir[] = "/tmp/test-tenants-XXXXXX";

static void full_path(struct text *t, const char *tree, const char *path)
{
	t->len = 0;
	text_str(t, tree);
	text_put(t, path, strlen(path) + 1);
	CHECK(!t->failed);
}

/* Makes the directories above @path, which is written to and left as it was. */
static void make_parents(char *path)
{
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		CHECK(mkdir(path, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
}

static void make_file(const char *tree, const char *path, const char *text)
{
	struct text t = {};
	FILE *f;

	full_path(&t, tree, path);
	make_parents(t.p);
	if (!strncmp(text, "->", 2)) {
		CHECK(symlink(text + 2, t.p) == 0);
	} else {
		f = fopen(t.p, "we");
		CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
	}
	text_done(&t);
}

static void check_text(const char *what, const char *member, struct sv is, const char *want)
{
	if (sv_is(is, want))
		return;
	fprintf(stderr, "%s: %s is \"%.*s\", not \"%s\"\n", what, member, SV_ARG(is), want);
	abort();
}

static void check_layout(const char *tree, const struct layout *l)
{
	const struct tenants_opts o = { .tree = tree };
	_cleanup_(tenants_freep) struct tenants *t = tenants_new(&o);
	const struct tenant *n;

	CHECK(t && mkdir(tree, 0755) == 0);
	for (size_t i = 0; i < FILES && l->file[i].path; i++)
		make_file(tree, l->file[i].path, l->file[i].text);
	n = tenants_at(t, sv(l->cgroup), false);
	CHECK(n && !n->name.len && !n->pod_name.len && n->lack == TENANT_WHOLE);
	CHECK(tenants_at(t, sv(l->cgroup), true) == n);
	check_text(l->what, "the name", n->name, l->name);
	check_text(l->what, "the runtime", n->runtime, l->runtime);
	check_text(l->what, "the pod", n->pod_name, l->pod);
	check_text(l->what, "its namespace", n->pod_namespace, l->pod_namespace);
	check_text(l->what, "its uid", n->pod_uid, l->pod_uid);
	if (n->lack != l->lack) {
		fprintf(stderr, "%s: lacks %d, not %d\n", l->what, n->lack, l->lack);
		abort();
	}
}

/* A small file of each kind that is not to be opened, or is too long; @make says why there is none. */
static void test_hostile(const char *tree)
{
	static const char config[] = "/var/lib/docker/containers/" A "/config.v2.json";
	const struct tenants_opts o = { .tree = tree };
	struct text t = {};

	CHECK(mkdir(tree, 0755) == 0);
	full_path(&t, tree, config);
	make_parents(t.p);
	for (int i = 0; i < 3; i++) {
		_cleanup_(tenants_freep) struct tenants *n = tenants_new(&o);
		_cleanup_close_ int fd = -1;

		(void)unlink(t.p);
		if (i == 0)
			CHECK(mkfifo(t.p, 0644) == 0);
		if (i == 1) { /* a gigabyte of nothing */
			fd = open(t.p, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
			CHECK(fd >= 0 && ftruncate(fd, 1 << 30) == 0);
		}
		if (i == 2 && mknod(t.p, S_IFCHR | 0644, 5 << 8) < 0) /* a terminal */
			break;
		CHECK(n && tenants_at(n, sv("/docker/" A), true)->lack == TENANT_BROKEN);
	}
	text_done(&t);
}

/* As somebody who may not read them. Exits. */
static void be_barred(const char *tree)
{
	const struct tenants_opts o = { .tree = tree };
	_cleanup_(tenants_freep) struct tenants *t = tenants_new(&o);
	const struct tenant *n;

	CHECK(setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
	n = tenants_at(t, sv("/docker/" A), true);
	CHECK(n && n->lack == TENANT_BARRED && !n->name.len && sv_is(n->id, A) &&
	      sv_is(n->runtime, "docker"));
	n = tenants_at(t, sv("/kubepods/pod" UID "/" A), true);
	CHECK(n && sv_is(n->name, "nginx") && n->lack == TENANT_WHOLE);
}

static void test_barred(const char *tree)
{
	pid_t pid;
	int status;

	make_file(tree, "/var/lib/docker/containers/" A "/config.v2.json", "{\"Name\":\"/web\"}");
	make_file(tree, "/var/log/containers/web_prod_nginx-" A ".log", "");
	make_file(tree, "/var/lib/docker/none", "");
	if (geteuid())
		return;
	struct text t = {};

	full_path(&t, tree, "/var/lib/docker");
	CHECK(chmod(t.p, 0700) == 0 && chmod(dir, 0755) == 0);
	text_done(&t);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		be_barred(tree);
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

/* A file system whose server never says a word. False when none can be had. */
static bool mount_hung(const char *at, int *ret)
{
	char options[128];
	int fd;

	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return false;
	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	*ret = fd;
	return mount("hung", at, "fuse", 0, options) == 0;
}

static void test_hung(const char *tree)
{
	const struct tenants_opts o = { .tree = tree };
	_cleanup_(tenants_freep) struct tenants *t = tenants_new(&o);
	const struct tenant *n;
	struct text at = {};
	int fd;

	CHECK(t);
	make_file(tree, "/var/lib/docker/none", "");
	make_file(tree, STORE "/containers.json", "[{\"id\":\"" A "\",\"names\":[\"web\"]}]");
	full_path(&at, tree, "/var/lib/docker");
	if (!mount_hung(at.p, &fd)) {
		fputs("no file system that hangs can be had\n", stderr);
		text_done(&at);
		return;
	}
	n = tenants_at(t, sv("/docker/" A), true);
	CHECK(n && n->lack == TENANT_LATE && sv_is(n->id, A));
	/* Given up: another container of it, and all others, do not wait. */
	n = tenants_at(t, sv("/docker/" B), true);
	CHECK(n && n->lack == TENANT_LATE);
	n = tenants_at(t, sv("/machine.slice/libpod-" A ".scope"), true);
	CHECK(n && n->lack == TENANT_WHOLE && sv_is(n->name, "web"));
	(void)umount2(at.p, MNT_DETACH);
	(void)close(fd); /* lets the one who waits go */
	text_done(&at);
}

/* Of v1 and v2 together, as hosts in transition have them. */
static void test_processes(const char *tree)
{
	static const struct {
		const char *lines, *unit, *id;
		bool has_v1;
	} cases[] = {
		{ "0::/system.slice/nginx.service\n", "nginx.service", "", false },
		{ "9:name=systemd:/system.slice/nginx.service\n8:pids:/\n0::/\n", "nginx.service", "", true },
		{ "9:name=systemd:/docker/" A "\n8:pids:/docker/" A "\n0::/system.slice/docker.service\n", "",
		  A, true },
		{ "4:memory:/docker/" A "\n1:name=systemd:/system.slice/docker.service\n", "", A, true },
		{ "4:memory:/a\n1:name=systemd:/init.scope\n0::/init.scope\n", "init.scope", "", true },
		{ "0::/\n", "", "", false },
		{ "0::/../other\n", "", "", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct tenants_opts o = { .proc_root = tree };
		_cleanup_(tenants_freep) struct tenants *t = tenants_new(&o);
		const struct tenant *n = NULL, *again = NULL;

		make_file(tree, "/7/cgroup", cases[i].lines);
		make_file(tree, "/1/cgroup", cases[i].lines);
		CHECK(t && tenants_of(t, 7, false, &n) == 0 && n);
		check_text(cases[i].lines, "the unit", n->unit, cases[i].unit);
		check_text(cases[i].lines, "the id", n->id, cases[i].id);
		CHECK(tenants_has_v1(t) == cases[i].has_v1);
		make_file(tree, "/7/cgroup", "0::/system.slice/later.service\n");
		CHECK(tenants_of(t, 7, false, &again) == 0 && again == n);
		CHECK(tenants_of(t, 8, false, &n) == -ENOENT && !n);
		make_file(tree, "/9/cgroup", "nonsense\n\n:::\n0::nowhere\n");
		CHECK(tenants_of(t, 9, false, &n) == -ENOENT && !n);
	}
}

int main(void)
{
	struct text tree = {}, command = {};

	CHECK(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_SIZE(layouts) + 4; i++) {
		tree.len = 0;
		text_printf(&tree, "%s/%zu", dir, i);
		text_char(&tree, '\0');
		switch (i < ARRAY_SIZE(layouts) ? 0 : i - ARRAY_SIZE(layouts) + 1) {
		case 0: check_layout(tree.p, &layouts[i]); break;
		case 1: test_hostile(tree.p); break;
		case 2: test_barred(tree.p); break;
		case 3: test_processes(tree.p); break;
		default: test_hung(tree.p); break;
		}
	}
	text_printf(&command, "rm -rf %s", dir);
	text_char(&command, '\0');
	CHECK(system(command.p) == 0); /* NOLINT(cert-env33-c) */
	text_done(&tree);
	text_done(&command);
	return 0;
}
