# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""Programs that see another /proc: none, one with processes only, or a folder with the files of a test."""

SANITIZED = "LeakSanitizer needs /proc, also to read the option that turns it off"
SETUP = {
    "none": "mount -t tmpfs none /proc",
    "processes": "mount -t proc -o subset=pid proc /proc",
    "files": 'mount -t tmpfs none /proc && cp -r "$dir"/. /proc/',
}


def within(kind, directory=""):
    """The words to put in front of a command line; 99 is its status where such a /proc cannot be had."""
    script = f'dir=$1; shift; {SETUP[kind]} || exit 99; exec "$@"'
    return ["unshare", "-m", "sh", "-c", script, "sh", str(directory)]
