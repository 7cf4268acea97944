/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */

/* What paths of cgroups say by themselves, as the runtimes of some years have made them. */

#include "base/cleanup.h"
#include "check.h"
#include "enrich/cgroup_shape.h"

/* Two ids of containers, and their beginnings, which are enough to tell them apart. */
#define A "4f1c0de5a3b29788aa11bb22cc33dd44ee55ff6600112233445566778899aabb"
#define B "b00b5e77c0ffee00112233445566778899aabbccddeeff001122334455667788"
#define UID "0c3b2a19-1234-4abc-9def-00112233aabb"
#define UID_ "0c3b2a19_1234_4abc_9def_00112233aabb"
#define STATIC_UID "d0b1c2d3e4f5061728394a5b6c7d8e9f"
#define USER_1000 "/user.slice/user-1000.slice/user@1000.service"

static const struct {
	const char *path;
	const char *unit, *slice, *container, *runtime, *pod;
	int user; /* 0: nobody's */
} cases[] = {
	/* systemd: units, slices, sessions */
	{ "/", "", "", "", "", "", 0 },
	{ "/init.scope", "init.scope", "-.slice", "", "", "", 0 },
	{ "/system.slice", "", "", "", "", "", 0 },
	{ "/system.slice/nginx.service", "nginx.service", "system.slice", "", "", "", 0 },
	{ "/system.slice/nginx.service/worker", "nginx.service", "system.slice", "", "", "", 0 },
	{ "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", "system-getty.slice",
	  "", "", "", 0 },
	{ "/system.slice/dbus.socket", "dbus.socket", "system.slice", "", "", "", 0 },
	{ "/system.slice/boot-efi.mount", "boot-efi.mount", "system.slice", "", "", "", 0 },
	{ "/system.slice/dev-sda2.swap", "dev-sda2.swap", "system.slice", "", "", "", 0 },
	{ "/system.slice/_cgroup.service", "cgroup.service", "system.slice", "", "", "", 0 },
	{ "/system.slice/run-r0a1b.scope", "run-r0a1b.scope", "system.slice", "", "", "", 0 },
	{ "/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "user-1000.slice", "", "", "",
	  1000 },
	{ USER_1000 "/init.scope", "user@1000.service", "user-1000.slice", "", "", "", 1000 },
	{ USER_1000 "/app.slice/syncthing.service", "syncthing.service", "app.slice", "", "", "", 1000 },
	{ USER_1000 "/session.slice/pipewire.service", "pipewire.service", "session.slice", "", "", "",
	  1000 },
	{ USER_1000 "/app.slice/app-gnome-org.gnome.Terminal-88.scope",
	  "app-gnome-org.gnome.Terminal-88.scope", "app.slice", "", "", "", 1000 },
	{ "/../system.slice/cron.service", "cron.service", "system.slice", "", "", "", 0 },
	{ "/../../init.scope", "init.scope", "-.slice", "", "", "", 0 },
	{ "/reserved.slice/kubelet.service", "kubelet.service", "reserved.slice", "", "", "", 0 },
	{ "/runtime.slice/containerd.service", "containerd.service", "runtime.slice", "", "", "", 0 },
	{ "/azure.slice/walinuxagent.service", "walinuxagent.service", "azure.slice", "", "", "", 0 },
	/* other inits */
	{ "/system/apid", "apid", "", "", "", "", 0 },
	{ "/podruntime/kubelet", "kubelet", "", "", "", "", 0 },
	{ "/openrc/sshd", "sshd", "", "", "", "", 0 },
	{ "/openrc.sshd", "sshd", "", "", "", "", 0 },
	/* docker */
	{ "/docker/" A, "", "", A, "docker", "", 0 },
	{ "/system.slice/docker-" A ".scope", "docker-" A ".scope", "system.slice", A, "docker", "", 0 },
	{ "/system.slice/docker-" A ".scope/init", "docker-" A ".scope", "system.slice", A, "docker", "", 0 },
	{ "/mygroup.slice/docker-" A ".scope", "docker-" A ".scope", "mygroup.slice", A, "docker", "", 0 },
	{ "/system.slice:docker:" A, "", "", A, "docker", "", 0 },
	{ "/system.slice/docker.service/docker/" A, "docker.service", "system.slice", A, "docker", "", 0 },
	{ USER_1000 "/user.slice/docker-" A ".scope", "docker-" A ".scope", "user.slice", A, "docker", "",
	  1000 },
	{ "/actions_job/" A, "", "", A, "?", "", 0 },
	{ "/ecs/2f0a6e3d/" A, "", "", A, "?", "", 0 },
	{ "/docker/" A "/docker/" B, "", "", A, "docker", "", 0 }, /* docker in docker */
	{ "/docker/" A "/kubelet.slice/kubelet-kubepods.slice/cri-containerd-" B ".scope", "", "", A,
	  "docker", "", 0 },
	{ "/docker/buildkit/o2yv3yg3q1q4l0w9", "", "", "", "", "", 0 },
	{ "/docker", "", "", "", "", "", 0 },
	{ "/docker/4f1c0de5a3b2", "", "", "", "", "", 0 }, /* a short id is no id */
	{ "/system.slice/docker-4f1c.scope", "docker-4f1c.scope", "system.slice", "", "", "", 0 },
	/* podman */
	{ "/machine.slice/libpod-" A ".scope", "libpod-" A ".scope", "machine.slice", A, "podman", "", 0 },
	{ "/machine.slice/libpod-" A ".scope/container", "libpod-" A ".scope", "machine.slice", A, "podman",
	  "", 0 },
	{ "/machine.slice/libpod-conmon-" A ".scope", "libpod-conmon-" A ".scope", "machine.slice", "", "",
	  "", 0 },
	{ "/machine.slice/machine-libpod_pod_" B ".slice/libpod-" A ".scope/container", "libpod-" A ".scope",
	  "machine-libpod_pod_" B ".slice", A, "podman", "", 0 },
	{ USER_1000 "/user.slice/libpod-" A ".scope/container", "libpod-" A ".scope", "user.slice", A,
	  "podman", "", 1000 },
	{ USER_1000 "/app.slice/web.service/libpod-payload-" A, "web.service", "app.slice", A, "podman", "",
	  1000 },
	{ "/system.slice/web.service/libpod-payload-" A, "web.service", "system.slice", A, "podman", "", 0 },
	{ "/system.slice/web.service/supervisor", "web.service", "system.slice", "", "", "", 0 },
	{ "/libpod_parent/libpod-" A, "", "", A, "podman", "", 0 },
	{ "/machine.slice:libpod:" A, "", "", A, "podman", "", 0 },
	/* containerd and nerdctl */
	{ "/system.slice/nerdctl-" A ".scope", "nerdctl-" A ".scope", "system.slice", A, "containerd", "",
	  0 },
	{ "/default/" A, "", "", A, "containerd", "", 0 },
	{ "/k8s.io/" A, "", "", A, "containerd", "", 0 },
	/* pods */
	{ "/kubepods/besteffort/pod" UID "/" A, "", "", A, "?", UID, 0 },
	{ "/kubepods/pod" UID "/" A, "", "", A, "?", UID, 0 },
	{ "/kubepods/burstable/pod" UID, "", "", "", "", UID, 0 },
	{ "/kubepods/burstable/pod" UID "/crio-" A, "", "", A, "cri-o", UID, 0 },
	{ "/kubepods/burstable/pod" STATIC_UID "/" A, "", "", A, "?", STATIC_UID, 0 },
	{ "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_ ".slice/cri-containerd-" A
	  ".scope",
	  "cri-containerd-" A ".scope", "kubepods-besteffort-pod" UID_ ".slice", A, "containerd", UID, 0 },
	{ "/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" A ".scope",
	  "cri-containerd-" A ".scope", "kubepods-pod" UID_ ".slice", A, "containerd", UID, 0 },
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" STATIC_UID ".slice/crio-" A
	  ".scope",
	  "crio-" A ".scope", "kubepods-burstable-pod" STATIC_UID ".slice", A, "cri-o", STATIC_UID, 0 },
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice/crio-" A
	  ".scope/container",
	  "crio-" A ".scope", "kubepods-burstable-pod" UID_ ".slice", A, "cri-o", UID, 0 },
	{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice/crio-conmon-" A
	  ".scope",
	  "crio-conmon-" A ".scope", "kubepods-burstable-pod" UID_ ".slice", "", "", UID, 0 },
	{ "/kubepods.slice/kubepods-pod" UID_ ".slice/docker-" A ".scope", "docker-" A ".scope",
	  "kubepods-pod" UID_ ".slice", A, "docker", UID, 0 },
	{ "/system.slice/containerd.service/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" A,
	  "containerd.service", "system.slice", A, "containerd", UID, 0 },
	{ "/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" A, "", "", A, "containerd", UID, 0 },
	{ "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" UID_ ".slice/cri-containerd-" A
	  ".scope",
	  "cri-containerd-" A ".scope", "kubelet-kubepods-pod" UID_ ".slice", A, "containerd", UID, 0 },
	{ "/kubepods.slice/kubepods-pod" UID_ ".slice/kata_" A, "", "", A, "kata", UID, 0 },
	{ "/kubepods/podnonsense/x", "", "", "", "", "", 0 },
	{ "/kubepods.slice/kubepods-podzz3b2a19_1234_4abc_9def_00112233aabb.slice", "", "", "", "", "", 0 },
	{ "/other/pod" UID "/x", "", "", "", "", "", 0 }, /* not of Kubernetes */
	/* LXC and Incus */
	{ "/lxc/web", "", "", "web", "lxc", "", 0 },
	{ "/lxc/101/ns/system.slice/nginx.service", "", "", "101", "lxc", "", 0 },
	{ "/lxc.payload.web", "", "", "web", "lxc", "", 0 },
	{ "/lxc.payload.web/system.slice/nginx.service", "", "", "web", "lxc", "", 0 },
	{ "/lxc.payload/web", "", "", "web", "lxc", "", 0 },
	{ "/lxc.payload.outer/lxc.payload.inner", "", "", "outer", "lxc", "", 0 },
	{ "/lxc.monitor.web", "", "", "", "", "", 0 },
	{ "/lxc.payload.p1_web.two", "", "", "p1_web.two", "lxc", "", 0 },
	/* machines */
	{ "/machine.slice/systemd-nspawn@web.service/payload", "systemd-nspawn@web.service", "machine.slice",
	  "web", "systemd-nspawn", "", 0 },
	{ "/machine.slice/systemd-nspawn@my\\x2dweb.service/payload/system.slice/nginx.service",
	  "systemd-nspawn@my\\x2dweb.service", "machine.slice", "my-web", "systemd-nspawn", "", 0 },
	{ "/machine.slice/machine-my\\x2dweb.scope/payload", "machine-my\\x2dweb.scope", "machine.slice",
	  "my-web", "systemd-machined", "", 0 },
	{ "/machine.slice/machine-qemu\\x2d3\\x2ddb\\x2d1.scope/libvirt/emulator",
	  "machine-qemu\\x2d3\\x2ddb\\x2d1.scope", "machine.slice", "db-1", "libvirt", "", 0 },
	{ "/machine.slice/machine-lxc\\x2d1234\\x2dbox.scope", "machine-lxc\\x2d1234\\x2dbox.scope",
	  "machine.slice", "box", "libvirt", "", 0 },
	{ "/machine/qemu-2-db.libvirt-qemu/vcpu0", "", "", "db", "libvirt", "", 0 },
	{ "/machine/db.libvirt-qemu", "", "", "db", "libvirt", "", 0 },
	{ "/machine/box.libvirt-lxc", "", "", "box", "libvirt", "", 0 },
	/* snap and flatpak */
	{ "/system.slice/snap.lxd.daemon.service", "snap.lxd.daemon.service", "system.slice", "lxd", "snap",
	  "", 0 },
	{ USER_1000 "/app.slice/snap.firefox.firefox-0c3b2a19-1234-4abc-9def-00112233aabb.scope",
	  "snap.firefox.firefox-0c3b2a19-1234-4abc-9def-00112233aabb.scope", "app.slice", "firefox", "snap",
	  "", 1000 },
	{ USER_1000 "/snap.hello_two.hello.0c3b.scope", "snap.hello_two.hello.0c3b.scope", "-.slice",
	  "hello_two", "snap", "", 1000 },
	{ "/system.slice/snap.mount", "snap.mount", "system.slice", "", "", "", 0 },
	{ "/system.slice/snap-core20-1.mount", "snap-core20-1.mount", "system.slice", "", "", "", 0 },
	{ USER_1000 "/app.slice/app-flatpak-org.mozilla.firefox-4242.scope",
	  "app-flatpak-org.mozilla.firefox-4242.scope", "app.slice", "org.mozilla.firefox", "flatpak", "",
	  1000 },
	/* nothing to go by */
	{ "", "", "", "", "", "", 0 },
	{ "//", "", "", "", "", "", 0 },
	{ "/..", "", "", "", "", "", 0 },
	{ "/a/b/c", "", "", "", "", "", 0 },
	{ "/.slice/.service", "", "", "", "", "", 0 },
	{ "/system.slice/", "", "", "", "", "", 0 },
	{ "/user.slice/user-x.slice/user@y.service/a.slice/b.service", "b.service", "a.slice", "", "", "",
	  0 },
	{ "/user.slice/user-99999999999.slice/session-1.scope", "session-1.scope", "user-99999999999.slice",
	  "", "", "", 0 },
	{ "unreachable:123", "", "", "", "", "", 0 },
};

_Static_assert(ARRAY_SIZE(cases) >= 60, "it is a small world");

static void check_text(const char *path, const char *what, struct sv is, const char *want)
{
	if (sv_is(is, want))
		return;
	fprintf(stderr, "%s: %s is \"%.*s\", not \"%s\"\n", path, what, SV_ARG(is), want);
	abort();
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *path = strdup(cases[i].path); /* of its own length, for the sanitizers */
		struct cgroup_shape s = shape_of(sv(path));
		struct text name = {}, pod = {};
		const char *runtime = s.runtime == RUNTIME_NONE      ? ""
				      : s.runtime == RUNTIME_UNKNOWN ? "?"
								     : runtime_names[s.runtime];

		shape_put_name(&s, &name);
		shape_put_pod(&s, &pod);
		check_text(path, "the unit", s.unit, cases[i].unit);
		check_text(path, "the slice", s.slice, cases[i].slice);
		check_text(path, "the container", sv_n(name.p, name.len), cases[i].container);
		check_text(path, "the runtime", sv(runtime), cases[i].runtime);
		check_text(path, "the pod", sv_n(pod.p, pod.len), cases[i].pod);
		CHECK(s.has_user == (cases[i].user > 0) && (int)s.user == cases[i].user);
		CHECK(shape_has_id(&s) == (strlen(cases[i].container) == CONTAINER_ID_LEN));
		text_done(&name);
		text_done(&pod);
	}
	return 0;
}
