# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-or-later
"""What a row of ss must show of a socket that the factory made."""

ANY_V6 = ("*", "[::]")


def host(address, is_v6only, device=None):
    """An address as ss prints it in front of the colon of the port."""
    at = f"%{device}" if device else ""
    if address == "::":
        return ("[::]" if is_v6only else "*") + at
    return (f"[{address}]" if ":" in address else address) + at


def endpoints(made):
    """Local and peer cell of an inet socket in numeric form."""
    v6 = ":" in made.local
    only = v6 and (made.local != "::" or "v6only" in made.kind)
    port = str(made.local_port) if made.local_port else "*"
    local = f"{host(made.local, only, made.get('note') if 'device' in made.kind else None)}:{port}"
    if made.get("peer") is not None:
        return local, f"{host(made.peer, only)}:{made.peer_port or '*'}"
    return local, f"{host('::', only)}:*" if v6 else "0.0.0.0:*"


def unix_name(made):
    """The name of a unix socket as ss prints it: raw bytes, NULs of an abstract name as @."""
    name = made.bytes("name")
    if not name:
        return b"*"
    return name.replace(b"\0", b"@") if name.startswith(b"\0") else name


def by_word(lines, prefix):
    """Rows by the rest of the word that begins with @prefix, such as ino:."""
    found = {}
    for line in lines:
        for word in line.split():
            if word.startswith(prefix):
                found.setdefault(word[len(prefix) :], []).append(line)
    return found
