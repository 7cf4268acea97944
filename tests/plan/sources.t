# Who answers: sock_diag, a walk by BPF, which has to be loaded first and so pays with many sockets only, text
# under /proc/net, or a recording.

machine small: kernel 6.12, tcp 200, inuse 180, udp 50, host 900, bpf
machine below: kernel 6.12, tcp 19999, udp 19999, host 19999, bpf
machine from: kernel 6.12, tcp 20000, udp 20000, host 20000, bpf
machine plain: kernel 6.12, tcp 250000, udp 60000, host 250000
machine files: kernel 6.12, tcp 250000, udp 60000, host 250000, bpf, many files
machine silent: kernel 6.12, bpf
machine replayed: kernel 6.12, tcp 250000, udp 60000, host 250000, bpf, recording

below$ ss -4t
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 19999 TCP sockets)
from$ ss -4t
  tcp inet: bound-inactive; bpf (sock_diag would hold up new connections: 20000 TCP sockets)
  tcp inet: connected; bpf (it pays: 20000 TCP sockets)
below$ ss -u
  udp inet: established; netlink (loading a BPF program would take longer: 19999 UDP sockets)
  udp inet6: established; netlink (loading a BPF program would take longer: 19999 UDP sockets)
from$ ss -u
  udp inet: established; bpf (it pays: 20000 UDP sockets)
  udp inet6: established; bpf (it pays: 20000 UDP sockets)
from$ ss -tul
  udp inet: closed listening; bpf (it pays: 20000 UDP sockets)
  udp inet6: closed listening; bpf (it pays: 20000 UDP sockets)
  tcp inet: listening; netlink (listening sockets are found at once: 20000 TCP sockets)
  tcp inet6: listening; netlink (listening sockets are found at once: 20000 TCP sockets)
from$ ss -ta
  tcp inet: listening; netlink (listening sockets are found at once: 20000 TCP sockets)
  tcp inet: bound-inactive; bpf (sock_diag would hold up new connections: 20000 TCP sockets)
  tcp inet: connections; bpf (it pays: 20000 TCP sockets)
  tcp inet6: listening; netlink (listening sockets are found at once: 20000 TCP sockets)
  tcp inet6: bound-inactive; bpf (sock_diag would hold up new connections: 20000 TCP sockets)
  tcp inet6: connections; bpf (it pays: 20000 TCP sockets)
from$ ss -M
  mptcp inet: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
  mptcp inet6: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
# Nobody counts.
silent$ ss -4tu
  udp inet: connected and bound-inactive; netlink (the number of UDP sockets is not known)
  tcp inet: connected and bound-inactive; netlink (the number of TCP sockets is not known)
# Without BPF programs in this build.
plain$ ss -4t
  tcp inet: connected; netlink (built without BPF programs)
  note: sockets that are bound but neither listen nor connect are left out: with 250000 TCP sockets, looking for them would hold up new connections ("state bound-inactive" or -B does it all the same)
plain$ ss -4u
  udp inet: connected and bound-inactive; netlink (built without BPF programs)
# Asked for by name.
small$ ss -4ta --source=bpf
  tcp inet: listening; bpf (asked for)
  tcp inet: bound-inactive; bpf (asked for)
  tcp inet: connections; bpf (asked for)
small$ ss -4u --source=bpf
  udp inet: connected and bound-inactive; bpf (asked for)
plain$ ss -4t --source=bpf
  tcp inet: connected; netlink (built without BPF programs)
  note: sockets that are bound but neither listen nor connect are left out: with 250000 TCP sockets, looking for them would hold up new connections ("state bound-inactive" or -B does it all the same)
from$ ss -4t --source=netlink
  tcp inet: connected; netlink (asked for)
  note: sockets that are bound but neither listen nor connect are left out: with 20000 TCP sockets, looking for them would hold up new connections ("state bound-inactive" or -B does it all the same)
small$ ss -xa --source=bpf
  unix: all; netlink (only TCP and UDP sockets are walked by BPF)
small$ ss -tua --source=proc
  udp inet: all; proc (asked for)
  udp inet6: all; proc (asked for)
  tcp inet: all; proc (asked for)
  tcp inet6: all; proc (asked for)
small$ ss -a --source=proc
  netlink: all; proc (asked for)
  packet: all; proc (asked for)
  unix: all; proc (asked for)
  raw inet: all; proc (asked for)
  raw inet6: all; proc (asked for)
  udp inet: all; proc (asked for)
  udp inet6: all; proc (asked for)
  tcp inet: all; proc (asked for)
  tcp inet6: all; proc (asked for)
  vsock: all; netlink (only TCP and UDP sockets are walked by BPF)
  xdp: all; netlink (only TCP and UDP sockets are walked by BPF)
# What is destroyed is asked of sock_diag.
from$ ss -4t -K sport = 22
  tcp inet: connected, with info, filtered there; netlink (sockets are destroyed while they are listed)
  note: sockets that are bound but neither listen nor connect are left out: with 20000 TCP sockets, looking for them would hold up new connections ("state bound-inactive" or -B does it all the same)
from$ ss -4tu -K --dry-run
  udp inet: connected and bound-inactive, with info; netlink (sockets are destroyed while they are listed)
  tcp inet: connected, with info; netlink (sockets are destroyed while they are listed)
  note: sockets that are bound but neither listen nor connect are left out: with 20000 TCP sockets, looking for them would hold up new connections ("state bound-inactive" or -B does it all the same)
# What else is asked for each socket.
small$ ss -4ti
  tcp inet: connected and bound-inactive, with info vegasinfo cong; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -4tm
  tcp inet: connected and bound-inactive, with skmeminfo; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -4te
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -4ti --tos
  tcp inet: connected and bound-inactive, with info vegasinfo cong tos tclass; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -xe
  unix: connected and bound-inactive; netlink (only TCP and UDP sockets are walked by BPF)
# Owners.
small$ ss -4tp
  owners: yes (proc: few files are open, or BPF may not be used)
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
files$ ss -4tp
  owners: yes (bpf: many files are open)
  tcp inet: bound-inactive; bpf (sock_diag would hold up new connections: 250000 TCP sockets)
  tcp inet: connected; bpf (it pays: 250000 TCP sockets)
files$ ss -4tp --source=proc
  owners: yes (proc: asked for)
  tcp inet: connected and bound-inactive; proc (asked for)
files$ ss -4tp --source=netlink
  owners: yes (bpf: many files are open)
  tcp inet: connected; netlink (asked for)
  note: sockets that are bound but neither listen nor connect are left out: with 250000 TCP sockets, looking for them would hold up new connections ("state bound-inactive" or -B does it all the same)
small$ ss -4tp --source=bpf
  owners: yes (bpf: asked for)
  tcp inet: bound-inactive; bpf (asked for)
  tcp inet: connected; bpf (asked for)
# A recording in place of TCP's answers; of other tables the kernel is asked.
replayed$ ss -ta
  tcp inet: all; proc (a recording)
replayed$ ss -tua
  udp inet: all; bpf (it pays: 60000 UDP sockets)
  udp inet6: all; bpf (it pays: 60000 UDP sockets)
  tcp inet: all; proc (a recording)
replayed$ ss -tp
  owners: yes (proc: few files are open, or BPF may not be used)
  tcp inet: connected and bound-inactive; proc (a recording)
# Other ends: what is listed before.
small$ ss -4tu --peer
  owners: yes (proc: few files are open, or BPF may not be used)
  other ends: udp tcp, of all network namespaces, listed first
  udp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 50 UDP sockets)
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -4t --columns=direction
  other ends: tcp, of all network namespaces, listed first
  tcp inet: connected and bound-inactive, with info; netlink (loading a BPF program would take longer: 200 TCP sockets)
small$ ss -4t --columns=unit,peer.unit
  owners: of sockets that do not tell their cgroup (proc: few files are open, or BPF may not be used)
  other ends: tcp, of all network namespaces, listed first
  tcp inet: connected and bound-inactive; netlink (loading a BPF program would take longer: 200 TCP sockets)
