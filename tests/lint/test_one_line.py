# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later

"""What docs/howto/add-a-field.md promises: a member of tcp_info becomes a field by one line in one file."""

import os
import shutil
import subprocess

import pytest

from test_lint import ROOT

# tcpi_state is in the kernel's structure, but no field of ours: the state is in every message's header.
LINE = 'FIELD(TCP_INFO_STATE, "tcp.info_state", UINT, AT(M(TCP_INFO, tcpi_state)), "state as in tcp_info")\n'

SOURCES = ["src/model/field.c", "src/family/family.c", "src/family/inet.c"]

PROGRAM = r"""
#include <stdio.h>
#include <string.h>
#include <linux/netlink.h>
#include "family/family.h"

/* A message of sock_diag that carries the first @info_len bytes of a tcp_info; -1: none. */
static size_t build(unsigned char *buf, int info_len)
{
	struct nlmsghdr nlh = { .nlmsg_len = NLMSG_HDRLEN + sizeof(struct inet_diag_msg) };
	struct nlattr a = { .nla_len = (unsigned short)(NLA_HDRLEN + info_len), .nla_type = K_INET_DIAG_INFO };
	struct k_tcp_info info = { .tcpi_state = 8, .tcpi_rto = 204000 };

	memset(buf, 0, 1024);
	if (info_len >= 0) {
		memcpy(buf + nlh.nlmsg_len, &a, sizeof(a));
		memcpy(buf + nlh.nlmsg_len + NLA_HDRLEN, &info, (size_t)info_len);
		nlh.nlmsg_len += NLA_HDRLEN + NLA_ALIGN(info_len);
	}
	memcpy(buf, &nlh, sizeof(nlh));
	return nlh.nlmsg_len;
}

static void show(const char *name, int info_len)
{
	const struct seg_dump origin = { .table = TABLE_TCP, .protocol = 6 };
	static union { struct nlmsghdr nlh; unsigned char bytes[1024]; } msg;
	enum field_id f = field_find(sv(name));
	struct row row;
	struct val v;

	(void)build(msg.bytes, info_len);
	if (f == F_MAX)
		puts("no such field");
	else if (row_open(&row, &family_inet, &origin, &msg.nlh))
		puts("malformed");
	else if (!field_get(&row, f, &v))
		puts("absent");
	else
		printf("%d %llu\n", v.kind, (unsigned long long)v.u);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	enum field_id f = field_find(sv(name));
	struct fieldset set = {};

	show(name, sizeof(struct k_tcp_info));
	show(name, 1);
	show(name, 0);
	show(name, -1);
	if (f != F_MAX)
		fieldset_add(&set, f);
	printf("ask %d\n", !!(family_ask(&family_inet, &set) & ASK_INET(K_INET_DIAG_INFO)));
	return 0;
}
"""


def compile_and_run(top, name):
    cc = shutil.which(os.environ.get("CC", "cc"))
    if not cc:
        pytest.skip("no C compiler")
    (top / "main.c").write_text(PROGRAM)
    argv = [cc, "-std=gnu17", "-D_GNU_SOURCE", "-O0", f"-I{top / 'src'}", "-o", top / "main", top / "main.c"]
    built = subprocess.run([*argv, *(top / s for s in SOURCES)], text=True, capture_output=True)
    assert built.returncode == 0, built.stderr
    return subprocess.run([top / "main", name], text=True, capture_output=True, check=True).stdout.split("\n")[:-1]


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src")
    return tmp_path


def test_one_line_makes_a_field(copy):
    defs = copy / "src/model/defs/tcp.def"
    assert "tcpi_state)" not in defs.read_text(), "the example has become a field: choose another member"
    with defs.open("a") as f:
        f.write(LINE)
    whole, one_byte, empty, none, ask = compile_and_run(copy, "tcp.info_state")
    assert whole == "0 8"
    assert one_byte == "0 8", "a tcp_info that ends after the member has it"
    assert empty == "absent", "a tcp_info that ends before the member must not be read"
    assert none == "absent"
    assert ask == "ask 1", "the kernel must be asked for the segment, since the field lies in it"


def test_without_the_line_there_is_none(copy):
    assert compile_and_run(copy, "tcp.info_state") == ["no such field"] * 4 + ["ask 0"]
    assert compile_and_run(copy, "tcp.rto")[:2] == ["0 204000", "absent"]
