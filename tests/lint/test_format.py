# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later

"""What docs/howto/add-a-format.md promises: a format is one file and one line, and its name is wherever formats are named."""

import json
import os
import re
import shutil
import subprocess

import pytest

from lib import builds
from test_lint import ROOT

FORMATS = ROOT / "src/sink/format"

LINE = re.search(r"^FORMAT\(plain,.*\n", (ROOT / "docs/howto/add-a-format.md").read_text(), re.M)[0]

FILE = r"""
/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later */
#include <errno.h>

#include "base/cleanup.h"
#include "model/value.h"
#include "sink/format/formats.h"

struct plain {
	struct tabular tabular;
	struct out *out;
	struct listing l;
	struct text line;
};

static int list(struct tabular *t, const struct listing *l)
{
	((struct plain *)t)->l = *l;
	return 0;
}

static int record(struct tabular *t, const struct cell *cells)
{
	struct plain *p = (struct plain *)t;

	p->line.len = 0;
	for (size_t i = 0; i < p->l.n; i++) {
		text_str(&p->line, i ? " " : "");
		if (value_is_there(&cells[i]))
			value_put_line(&p->line, &p->l.columns[i], &cells[i].val);
	}
	text_char(&p->line, '\n');
	if (p->line.failed)
		return -ENOMEM;
	out_write(p->out, p->line.p, p->line.len);
	return p->out->error;
}

static int list_end(struct tabular *)
{
	return 0;
}

static int end(struct tabular *t, const struct notes *)
{
	return out_flush(((struct plain *)t)->out);
}

static int flush(struct tabular *t)
{
	return out_flush(((struct plain *)t)->out);
}

static void done(struct tabular *t)
{
	text_done(&((struct plain *)t)->line);
	free(t);
}

static const struct tabular_ops ops = {
	.list = list, .record = record, .list_end = list_end, .end = end, .flush = flush, .free = done
};

int plain_new(const struct format_opts *o, struct out *out, struct tabular **ret)
{
	struct plain *p = calloc(1, sizeof(*p));

	(void)o;
	if (!p)
		return -ENOMEM;
	p->tabular.ops = &ops;
	p->out = out;
	*ret = &p->tabular;
	return 0;
}
"""


def forms():
    """Those that only findings have."""
    text = (ROOT / "src/doctor/form.c").read_text()
    return re.findall(r'\.name = "(\w+)",(?:(?!\.name).)*?\.is_ours = true', text, re.S)


def names():
    found = re.findall(r"^FORMAT\((\w+),", (FORMATS / "formats.def").read_text(), re.M)
    assert len(found) >= 5
    return found


def add_format(top):
    for part in ("src", "meson.build", "meson_options.txt", "man", "include", "completions", "scripts", "docs", "examples", "LICENSE",
                 "LICENSES", "README.md", "NEWS.md"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, top / part)
    defs = top / "src/sink/format/formats.def"
    defs.write_text(defs.read_text().replace("FORMAT(table,", LINE + "FORMAT(table,", 1))
    assert LINE in defs.read_text()
    (top / "src/sink/format/plain.c").write_text(FILE)


def find_build():
    """A build whose objects can be linked without further ado, and what it was built with."""
    for build in builds.all_builds():
        words = re.split(r"[(), ]+", subprocess.run([build.ss, "--version"], text=True, capture_output=True).stdout)
        if (build.dir / "libsockeye-core.a").exists() and not build.is_sanitized and "shared" in words:
            return build, words
    pytest.skip("no build that is shared and without sanitizers")


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """The program with one format more: the two files made anew, the rest from the build."""
    cc = shutil.which(os.environ.get("CC", "cc"))
    if not cc:
        pytest.skip("no C compiler")
    top, (build, words) = tmp_path_factory.mktemp("format"), find_build()
    add_format(top)
    sources = ["src/cli/main.c", "src/sink/format/formats.c", "src/sink/format/plain.c"]
    libraries = ["-lmnl", "-lpthread", *(["-lbpf"] if "bpf" in words else [])]
    done = subprocess.run([cc, "-std=gnu17", "-D_GNU_SOURCE", f"-I{top / 'src'}", "-o", top / "ss",
                           *(top / s for s in sources), build.dir / "libsockeye-core.a", *libraries],
                          text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    return top / "ss"


def run(ss, *argv):
    return subprocess.run([ss, *argv], text=True, capture_output=True, timeout=60)


def test_it_is_found(extended):
    done = run(extended, "--fields=tcp.rtt", "--format=plain")
    assert done.returncode == 0 and done.stdout.splitlines()[0].startswith("tcp.rtt time us gauge smoothed")


def test_it_is_named_wherever_formats_are(extended):
    everywhere = ["plain", *names()]
    assert "--format=" + "|".join(everywhere) in run(extended, "--help").stdout
    offered = run(extended, "--complete", "--format=").stdout.splitlines()
    assert [line.split("\t")[0] for line in offered] == ["--format=" + name for name in [*everywhere, *forms()]]
    assert offered[0].split("\t")[1] == "values with blanks between them"
    refused = run(extended, "--format=nosuch")
    assert refused.returncode == 2 and f'"nosuch" is none of {", ".join(everywhere)}' in refused.stderr


def test_meson_compiles_it(tmp_path):
    meson = shutil.which("meson")
    if not meson:
        pytest.skip("no meson")
    add_format(tmp_path)
    done = subprocess.run([meson, "setup", "-Dtests=false", "-Dbpf=disabled", tmp_path / "build", tmp_path],
                          text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    targets = json.loads(subprocess.run([meson, "introspect", "--targets", tmp_path / "build"], text=True,
                                        capture_output=True, check=True).stdout)
    core = next(t for t in targets if t["name"] == "sockeye-core")
    sources = {os.path.basename(s) for group in core["target_sources"] for s in group.get("sources", [])}
    assert {"plain.c"} | {f"{name}.c" for name in names()} <= sources


def test_no_other_list_of_formats():
    """Wherever else formats are listed, all are: the manual page and what programs may rely on."""
    man = re.search(r"\.It Fl -format Ns = Ns Ar format\n(.*?)\n\.It", (ROOT / "man/ss.8").read_text(), re.S)[1]
    assert re.findall(r"^\.Cm (\w+)", man.split("What is more than one list")[0], re.M) == [*names(), *forms()]
    docs = (ROOT / "docs/formats.md").read_text()
    for heading in ("| format | for |", "| | several lists | lists with a time |"):
        table = docs[docs.index(heading):].split("\n\n")[0]
        assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.M)) == sorted(names()), heading


def test_no_name_stands_in_the_code():
    lines = [f"{p.relative_to(ROOT)}: {line.strip()}" for folder in ("cli", "plan", "run", "report", "lib")
             for p in sorted((ROOT / "src" / folder).glob("*.[ch]")) for line in p.read_text().splitlines()
             if re.search(r'"(?:%s)"' % "|".join(names()), line)]
    assert not lines, "\n".join(lines)
